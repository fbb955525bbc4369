import CanonicalJSON

extension EncryptionMachine {
    /// This device's `device_keys` as they are uploaded, signed by itself.
    public var ownDeviceKeys: JSONObject { preconditionFailure("not written yet") }
    /// Unpadded base64.
    public var curve25519Key: String { preconditionFailure("not written yet") }
    /// Unpadded base64: the "fingerprint".
    public var ed25519Key: String { preconditionFailure("not written yet") }

    /// Begins to track the devices of users, such as all members of encrypted rooms. Those that are tracked already
    /// cost nothing.
    public func trackUsers(_ users: [String]) { preconditionFailure("not written yet") }

    /// Asks the server again for the devices of users, such as before a verification.
    public func refreshDevices(of users: [String]) { preconditionFailure("not written yet") }

    /// Whether the user's devices are tracked and the list is that of the server's last word.
    public func isUpToDate(_ user: String) -> Bool { preconditionFailure("not written yet") }

    /// The devices that are known, by their IDs' bytes. Deleted ones are not among them.
    public func devices(of user: String) -> [Device] { preconditionFailure("not written yet") }

    public func device(_ deviceID: String, of user: String) -> Device? { preconditionFailure("not written yet") }

    /// - Throws: ``MachineError/Code/unknown``.
    public func setLocalTrust(
        _ trust: LocalTrust, device: String, of user: String
    ) throws(MachineError) { preconditionFailure("not written yet") }

    /// Nil when the user has no cross-signing keys that are valid.
    public func identity(of user: String) -> UserIdentity? { preconditionFailure("not written yet") }

    /// The person has looked at a user's changed identity and goes on with it: the new one counts as first seen, and
    /// not as verified.
    ///
    /// - Throws: ``MachineError/Code/unknown``.
    public func acceptIdentity(of user: String) throws(MachineError) { preconditionFailure("not written yet") }
}
