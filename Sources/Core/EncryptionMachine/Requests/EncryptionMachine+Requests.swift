import CanonicalJSON

extension EncryptionMachine {
    /// What is to be sent to the server, oldest first.
    ///
    /// A request stays in the list, unchanged, until ``receive(_:status:for:)`` is told its answer. The host may send
    /// several at a time; those of kind ``OutgoingRequest/Kind/sendToDevice`` to the same device it sends in order.
    /// When no answer comes, it is rate-limited (429), or the server fails (5xx), the host tries again later.
    public func outgoingRequests() -> [OutgoingRequest] { preconditionFailure("not written yet") }

    /// Tells the machine the server's answer to a request.
    ///
    /// Nothing happens for 401, 429 and 5xx, with which the request stays. Another error status ends the request: the
    /// machine gives it up, or makes a better one later. An answer to a request that is not in the list is ignored.
    ///
    /// - Throws: ``MachineError/Code/malformed`` when a 200 has a body that is none of the specification; the request
    ///   stays.
    public func receive(
        _ body: [UInt8], status: Int, for id: OutgoingRequest.ID
    ) throws(MachineError) -> [MachineNews] { preconditionFailure("not written yet") }

    /// Tells the machine what a sync said. To-device events are decrypted here, once.
    public func receiveSync(_ changes: SyncChanges) -> [MachineNews] { preconditionFailure("not written yet") }
}
