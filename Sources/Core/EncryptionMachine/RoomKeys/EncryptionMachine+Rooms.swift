import CanonicalJSON

extension EncryptionMachine {
    /// Tells the machine events of a room, of the state and of the timeline, in the order of the sync.
    ///
    /// It looks at `m.room.encryption`, `m.room.history_visibility` and `m.room.member`, and ignores others. The host
    /// gives it all member events of a sync, also those of a limited one: whoever is not joined may have a copy of the
    /// room's keys, so the session is replaced.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#mmegolmv1aes-sha2
    public func receiveStateEvents(_ events: [JSONObject], in room: String) -> [MachineNews] {
        preconditionFailure("not written yet")
    }

    /// How a room is encrypted; nil when it is not.
    public func encryption(of room: String) -> RoomEncryption? { preconditionFailure("not written yet") }

    /// Makes sure that everybody who should can read what is sent next: asks for outdated device lists and for missing
    /// Olm sessions, makes a new Megolm session when one is due, and shares it.
    ///
    /// The host calls this before each message (and already when somebody begins to type), sends the requests it names,
    /// and calls again until it says ``Readiness/ready``.
    ///
    /// - Parameter members: all joined and invited users, this one too or not. They are tracked from now on.
    /// - Throws: ``MachineError/Code/roomNotEncrypted``.
    public func prepareToSend(in room: String, members: RoomMembers) throws(MachineError) -> Readiness {
        preconditionFailure("not written yet")
    }

    /// The content of the `m.room.encrypted` event that carries an event.
    ///
    /// - Parameter content: its `m.relates_to` is put into the cleartext, where the server needs it.
    /// - Throws: ``MachineError/Code/notReady`` when ``prepareToSend(in:members:)`` has to be called (again),
    ///   ``MachineError/Code/roomNotEncrypted``, ``MachineError/Code/malformed`` when the content has numbers that
    ///   canonical JSON does not allow.
    public func encrypt(_ content: JSONObject, type: String, in room: String) throws(MachineError) -> JSONObject {
        preconditionFailure("not written yet")
    }

    /// Makes the next message use a new session, as after a doubt about who has the old one.
    public func discardSession(in room: String) { preconditionFailure("not written yet") }

    /// Which devices are given room keys; ``SharingPolicy/crossSignedDevices`` at first. It is stored.
    public var sharingPolicy: SharingPolicy {
        get { preconditionFailure("not written yet") }
        set { preconditionFailure("not written yet") }
    }
}
