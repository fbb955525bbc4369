import CanonicalJSON
import CrossSigning
import Primitives

/// A backup as the server describes it: `GET /room_keys/version`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keysversion
public struct BackupVersion: Sendable, Equatable {
    public static let algorithm = "m.megolm_backup.v1.curve25519-aes-sha2"

    /// The server's name for it.
    public let version: String
    public let encryptionKey: BackupEncryptionKey
    /// With its signatures.
    public let authData: JSONObject

    /// - Throws: ``KeyBackupError/malformed`` or ``KeyBackupError/unsupportedAlgorithm``.
    public init(json: JSONObject) throws(KeyBackupError) {
        guard let algorithm = json["algorithm"]?.stringValue, let version = json["version"]?.stringValue,
            let authData = json["auth_data"]?.objectValue
        else { throw .malformed }
        guard utf8Equal(algorithm, Self.algorithm) else { throw .unsupportedAlgorithm }
        guard let key = authData["public_key"]?.stringValue.flatMap(Curve25519Key.init(base64:)) else {
            throw .malformed
        }
        self.version = version
        self.authData = authData
        encryptionKey = BackupEncryptionKey(key)
    }

    /// The body of `POST /room_keys/version` for a new backup.
    ///
    /// - Parameters:
    ///   - master: the master key's private half, if it is at hand.
    ///   - signedByDevice: adds this device's signature.
    public static func creationBody(
        for key: BackupEncryptionKey, userID: String, master: Ed25519KeyPair?,
        signedByDevice: (JSONObject) -> JSONObject
    ) -> JSONObject {
        var authData = signedByDevice(["public_key": .string(key.publicKey.base64)])
        if let master {
            SignedJSON.sign(
                &authData, userID: userID, keyID: CrossSigningKey.keyID(of: master.publicKey), with: master)
        }
        return ["algorithm": .string(algorithm), "auth_data": .object(authData)]
    }

    /// Whether `key` reads this backup.
    public func belongs(to key: BackupDecryptionKey) -> Bool {
        constantTimeEqual(key.encryptionKey.publicKey.bytes, encryptionKey.publicKey.bytes)
    }

    public static func == (left: Self, right: Self) -> Bool {
        utf8Equal(left.version, right.version) && left.authData == right.authData
    }
}

// MARK: Trust

/// Why a backup may be written to. Without a reason it may not: a server that makes up a backup would be sent all keys.
///
/// https://spec.matrix.org/v1.19/client-server-api/#server-side-key-backups
public enum BackupTrust: Sendable, Equatable {
    /// The private key is at hand and was the person's, from secret storage or from a verified device.
    case privateKeyKnown
    /// Our master key has signed it.
    case signedByMaster
    /// A verified device of ours has signed it.
    case signedByDevice(String)
    case none

    public var allowsWriting: Bool { self != .none }

    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.privateKeyKnown, .privateKeyKnown), (.signedByMaster, .signedByMaster), (.none, .none): true
        case (.signedByDevice(let left), .signedByDevice(let right)): utf8Equal(left, right)
        default: false
        }
    }
}

extension BackupVersion {
    /// - Parameters:
    ///   - master: our own master key if it is verified, else nil.
    ///   - devices: our own verified devices.
    ///   - decryptionKey: from a source that is trusted, else nil.
    public func trust(
        userID: String, master: Ed25519Key?, devices: [(deviceID: String, key: Ed25519Key)],
        decryptionKey: BackupDecryptionKey?
    ) -> BackupTrust {
        if let decryptionKey, belongs(to: decryptionKey) { return .privateKeyKnown }
        if let master,
            SignedJSON.isSigned(authData, userID: userID, keyID: CrossSigningKey.keyID(of: master), by: master)
        {
            return .signedByMaster
        }
        for (deviceID, key) in devices
        where SignedJSON.isSigned(authData, userID: userID, keyID: "ed25519:" + deviceID, by: key) {
            return .signedByDevice(deviceID)
        }
        return .none
    }
}
