import CanonicalJSON

/// Who is to have a room's session, and who is not and why.
struct SessionSharing<Records: EncryptionRecords> {
    /// Sorted by user and device.
    private(set) var receivers: [DeviceRecord] = []
    private(set) var excluded: [(device: DeviceRecord, code: WithheldCode)] = []
    /// The Curve25519 keys of the receivers by user and device.
    private var receiverKeys: [[UInt8]: String] = [:]
    private let machine: EncryptionMachine<Records>
    private let room: String

    init(_ machine: EncryptionMachine<Records>, room: String, recipients: [String]) {
        self.machine = machine
        self.room = room
        let policy = machine.sharingPolicy
        for user in recipients {
            let identity = machine.identity(of: user)
            for device in machine.deviceRecords(of: user) where device.supportsMegolm {
                if utf8Equal(user, machine.userID), utf8Equal(device.deviceID, machine.deviceID) { continue }
                if let code = Self.code(policy, machine.trust(of: device), identity) {
                    excluded.append((device, code))
                } else {
                    receivers.append(device)
                    receiverKeys[DeviceName(user: device.userID, device: device.deviceID).key] = device.curve25519Key
                }
            }
        }
    }

    /// Why a device is not given room keys; nil when it is.
    private static func code(
        _ policy: SharingPolicy, _ trust: DeviceTrust, _ identity: UserIdentity?
    ) -> WithheldCode? {
        if trust == .blacklisted { return .blacklisted }
        switch policy {
        case .allDevices: return nil
        case .crossSignedDevices: return trust >= .crossSigned || identity?.selfSigningKey == nil ? nil : .unverified
        case .onlyCrossSignedDevices: return trust >= .crossSigned ? nil : .unverified
        case .verifiedUsers: return trust == .verified ? nil : .unverified
        }
    }

    /// Whether somebody has the session who should not have the next one: a user or a device that has gone, or is shut
    /// out now.
    func mustReplace(_ session: OutboundSessionRecord) -> Bool {
        for (key, record) in machine.store.findAll(
            SharedSessionRecord.self, prefix: SharedSessionRecord.prefix(room, session.sessionID))
        where record.withheld == nil {
            let parts = recordKeyParts(key)
            guard parts.count == 4, let receiver = receiverKeys[recordKey(parts[2], parts[3])],
                utf8Equal(receiver, record.curve25519Key)
            else { return true }
        }
        return false
    }

    /// The receivers that do not have the session; all when there is none.
    func missing(_ session: OutboundSessionRecord?) -> [DeviceRecord] {
        guard let session else { return receivers }
        return receivers.filter { device in
            let key = SharedSessionRecord.key(room, session.sessionID, device)
            guard let record = machine.store.find(SharedSessionRecord.self, key) else { return true }
            return record.withheld != nil
        }
    }
}
