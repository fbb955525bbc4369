import CanonicalJSON
import CrossSigning
import KeyBackup
import Primitives

/// The private cross-signing keys that this device has.
struct CrossSigningRecord: StoredRecord {
    static var table: RecordTable { .secrets }
    /// Those of the own identity.
    static var key: [UInt8] { recordKey("cross_signing") }
    /// Those that the server has not accepted yet.
    static var pendingKey: [UInt8] { recordKey("cross_signing_pending") }

    var secrets: CrossSigningSecrets

    init(_ secrets: CrossSigningSecrets) { self.secrets = secrets }

    init(from reader: inout RecordReader) throws(MachineError) {
        secrets = CrossSigningSecrets()
        for (usage, _) in CrossSigningSecrets.names {
            secrets.restore(seed: try reader.byteString(), for: usage)
        }
    }

    func write(to writer: inout RecordWriter) {
        for (usage, _) in CrossSigningSecrets.names { writer.write(secrets.pair(for: usage)?.seed ?? []) }
    }
}

/// The key backup as this device knows it.
struct BackupRecord: StoredRecord {
    static var table: RecordTable { .secrets }
    static var key: [UInt8] { recordKey("backup") }
    /// One that the server has not made yet.
    static var pendingKey: [UInt8] { recordKey("backup_pending") }

    /// The server's name for it; nil when it is not known whether there is one.
    var version: String?
    /// Unpadded base64.
    var publicKey: String?
    /// Whether sessions may be uploaded to it.
    var isTrusted = false
    /// A key from a source that is trusted; empty when there is none. It is kept, and not used, while the server shows
    /// another backup or none: a server cannot make it be forgotten.
    var decryptionKey: [UInt8] = []

    init() {}

    init(from reader: inout RecordReader) throws(MachineError) {
        version = try reader.optionalString()
        publicKey = try reader.optionalString()
        isTrusted = try reader.bool()
        decryptionKey = try reader.byteString()
    }

    func write(to writer: inout RecordWriter) {
        writer.write(version)
        writer.write(publicKey)
        writer.write(isTrusted)
        writer.write(decryptionKey)
    }

    /// The key, whether it is this backup's or not.
    var key: BackupDecryptionKey? { BackupDecryptionKey(bytes: decryptionKey) }

    /// The key if it is this backup's.
    var usableKey: BackupDecryptionKey? {
        guard let key, let publicKey, utf8Equal(key.encryptionKey.publicKey.base64, publicKey) else { return nil }
        return key
    }
}

/// A secret that this device has asked its user's other devices for.
struct SecretRequestRecord: StoredRecord {
    static var table: RecordTable { .secrets }
    static func key(_ name: String) -> [UInt8] { recordKey("request", name) }

    let requestID: String

    init(requestID: String) { self.requestID = requestID }

    init(from reader: inout RecordReader) throws(MachineError) { requestID = try reader.string() }

    func write(to writer: inout RecordWriter) { writer.write(requestID) }
}
