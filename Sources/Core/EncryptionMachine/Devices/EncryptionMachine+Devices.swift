import CanonicalJSON

extension EncryptionMachine {
    /// The devices that are known, by their IDs' bytes. Deleted ones are not among them.
    public func devices(of user: String) -> [Device] {
        deviceRecords(of: user).map { describe($0) }
    }

    /// Nil when the user has no such device; a deleted one is still found.
    public func device(_ deviceID: String, of user: String) -> Device? {
        deviceRecord(deviceID, of: user).map { describe($0) }
    }

    /// - Throws: ``MachineError/Code/unknown``.
    public func setLocalTrust(_ trust: LocalTrust, device: String, of user: String) throws(MachineError) {
        guard var record = try store.read(DeviceRecord.self, DeviceRecord.key(user, device)) else {
            throw MachineError(.unknown, "the user has no such device")
        }
        record.localTrust = trust
        store.write(record, DeviceRecord.key(user, device))
        changeCount &+= 1
    }

    private func describe(_ record: DeviceRecord) -> Device {
        Device(
            userID: record.userID, deviceID: record.deviceID, curve25519Key: record.curve25519Key,
            ed25519Key: record.ed25519Key, displayName: record.displayName, localTrust: record.localTrust,
            trust: trust(of: record))
    }

    /// Without deleted ones.
    func deviceRecords(of user: String) -> [DeviceRecord] {
        store.findAll(DeviceRecord.self, prefix: recordKey(user)).map(\.record).filter { !$0.isDeleted }
    }

    func deviceRecord(_ deviceID: String, of user: String) -> DeviceRecord? {
        store.find(DeviceRecord.self, DeviceRecord.key(user, deviceID))
    }

    /// The device of a user that has this key; deleted ones too.
    func deviceRecord(curve25519Key: String, of user: String) -> DeviceRecord? {
        for (_, record) in store.findAll(DeviceRecord.self, prefix: recordKey(user))
        where utf8Equal(record.curve25519Key, curve25519Key) { return record }
        return nil
    }

    /// The own user's other devices.
    var otherOwnDevices: [DeviceRecord] {
        deviceRecords(of: userID).filter { !utf8Equal($0.deviceID, deviceID) }
    }
}
