/// A user's cross-signing keys and what was decided about them. It is never removed: a server that hides an identity
/// gains nothing.
struct IdentityRecord: StoredRecord {
    static var table: RecordTable { .identities }

    var masterKey: String
    /// `master_key` as the server gives it.
    var masterJSON: [UInt8]
    var selfSigningKey: String?
    var selfSigningJSON: [UInt8]
    /// Known for the own user only.
    var userSigningKey: String?
    var userSigningJSON: [UInt8]
    /// The master key that was first seen, or that the person has accepted.
    var pinnedMasterKey: String
    /// The master key that was verified.
    var verifiedMasterKey: String?
    /// The own user-signing key that stands for the verification; nil when this device verified it by itself.
    var verifier: String?

    static func key(_ user: String) -> [UInt8] { recordKey(user) }

    init(masterKey: String, masterJSON: [UInt8]) {
        self.masterKey = masterKey
        self.masterJSON = masterJSON
        selfSigningJSON = []
        userSigningJSON = []
        pinnedMasterKey = masterKey
    }

    init(from reader: inout RecordReader) throws(MachineError) {
        masterKey = try reader.string()
        masterJSON = try reader.byteString()
        selfSigningKey = try reader.optionalString()
        selfSigningJSON = try reader.byteString()
        userSigningKey = try reader.optionalString()
        userSigningJSON = try reader.byteString()
        pinnedMasterKey = try reader.string()
        verifiedMasterKey = try reader.optionalString()
        verifier = try reader.optionalString()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(masterKey)
        writer.write(masterJSON)
        writer.write(selfSigningKey)
        writer.write(selfSigningJSON)
        writer.write(userSigningKey)
        writer.write(userSigningJSON)
        writer.write(pinnedMasterKey)
        writer.write(verifiedMasterKey)
        writer.write(verifier)
    }
}
