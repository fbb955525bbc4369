import CanonicalJSON
import Primitives

struct DeviceRecord: StoredRecord {
    static var table: RecordTable { .devices }

    var userID: String
    var deviceID: String
    var curve25519Key: String
    var ed25519Key: String
    /// The signed `device_keys`.
    var json: [UInt8]
    var displayName: String?
    var localTrust: LocalTrust
    /// The self-signing key whose signature was valid.
    var signer: String?
    /// Not in the server's list any more. Kept, because messages of its sessions stay.
    var isDeleted: Bool
    /// Whether it can be given room keys.
    var supportsMegolm: Bool

    static func key(_ user: String, _ device: String) -> [UInt8] { recordKey(user, device) }

    init?(json: JSONObject, userID: String, deviceID: String) {
        guard let keys = SignedDeviceKeys(json, userID: userID, deviceID: deviceID) else { return nil }
        self.userID = userID
        self.deviceID = deviceID
        curve25519Key = keys.curve25519Key.base64
        ed25519Key = keys.ed25519Key.base64
        self.json = keys.json.bytes()
        displayName = json.object("unsigned")?.string("device_display_name")
        localTrust = .unset
        isDeleted = false
        supportsMegolm = keys.supportsMegolm
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        userID = try reader.string()
        deviceID = try reader.string()
        curve25519Key = try reader.string()
        ed25519Key = try reader.string()
        json = try reader.byteString()
        displayName = try reader.optionalString()
        guard let localTrust = LocalTrust(rawValue: try reader.uint8()) else {
            throw MachineError(.damagedRecord, "a device has an impossible trust")
        }
        self.localTrust = localTrust
        signer = try reader.optionalString()
        isDeleted = try reader.bool()
        supportsMegolm = try reader.bool()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(userID)
        writer.write(deviceID)
        writer.write(curve25519Key)
        writer.write(ed25519Key)
        writer.write(json)
        writer.write(displayName)
        writer.write(localTrust.rawValue)
        writer.write(signer)
        writer.write(isDeleted)
        writer.write(supportsMegolm)
    }
}
