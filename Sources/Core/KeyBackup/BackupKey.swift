import CanonicalJSON
import CrossSigning
import Primitives
import SecretStorage
import UnpaddedBase64

/// Why a backup could not be used.
public enum KeyBackupError: Error, Equatable, Sendable {
    /// What the server gave does not have the specification's form.
    case malformed
    /// Another algorithm than `m.megolm_backup.v1.curve25519-aes-sha2`.
    case unsupportedAlgorithm
    /// The private key is not that of this backup.
    case wrongKey
    /// It does not decrypt: another key, or damaged.
    case undecryptable
}

/// The public key of a backup: what a device needs to add to it.
public struct BackupEncryptionKey: Sendable, Hashable {
    public let publicKey: Curve25519Key

    public init(_ publicKey: Curve25519Key) {
        self.publicKey = publicKey
    }
}

/// The private key of a backup: what a device needs to read it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#decryption-key
public struct BackupDecryptionKey: Sendable {
    /// The secret's name in secret storage and between devices.
    public static let secretName = "m.megolm_backup.v1"

    private let pair: Curve25519KeyPair

    /// A new key.
    public init(random: RandomSource) {
        pair = Curve25519KeyPair(random: random)
    }

    /// Nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard let pair = Curve25519KeyPair(secret: bytes) else { return nil }
        self.pair = pair
    }

    /// The key as it is in secret storage; nil unless it is base64 of 32 bytes.
    public init?(base64: String) {
        guard let bytes = UnpaddedBase64.decode(base64) else { return nil }
        self.init(bytes: bytes)
    }

    /// The key as old clients gave it to people.
    public init(recoveryKey: String) throws(KeyRepresentation.Failure) {
        guard let pair = Curve25519KeyPair(secret: try KeyRepresentation.decode(recoveryKey)) else {
            throw .wrongLength
        }
        self.pair = pair
    }

    public var bytes: [UInt8] { pair.secret }
    public var base64: String { UnpaddedBase64.encode(pair.secret) }
    public var recoveryKey: String { KeyRepresentation.encode(pair.secret) }
    public var encryptionKey: BackupEncryptionKey { BackupEncryptionKey(pair.publicKey) }

    func agree(with ephemeral: Curve25519Key) throws(PrimitiveError) -> [UInt8] { try pair.agree(with: ephemeral) }
}

// MARK: m.megolm_backup.v1.curve25519-aes-sha2

/// What is made of an agreed secret.
private struct BackupMessageKeys {
    let key: [UInt8]
    let codeKey: [UInt8]
    let iv: [UInt8]

    init(secret: [UInt8]) {
        let bytes = HKDFSHA256.derive(from: secret, salt: [], info: [], count: 80)
        key = Array(bytes[..<32])
        codeKey = Array(bytes[32..<64])
        iv = Array(bytes[64...])
    }

    /// The code is over nothing: libolm forgot to hand over the ciphertext, and everybody has to follow. It proves that
    /// the key is right, and not that the ciphertext is what was written.
    var code: [UInt8] { Array(HMACSHA256.authenticate([], key: codeKey).prefix(8)) }
}

extension BackupEncryptionKey {
    /// `session_data` of a session.
    ///
    /// - Parameter plaintext: JSON, a `BackedUpSessionData`.
    public func encrypt(_ plaintext: [UInt8], random: RandomSource) throws(KeyBackupError) -> JSONObject {
        let ephemeral = Curve25519KeyPair(random: random)
        let secret: [UInt8]
        do throws(PrimitiveError) { secret = try ephemeral.agree(with: publicKey) } catch { throw .malformed }
        let keys = BackupMessageKeys(secret: secret)
        return [
            "ephemeral": .string(ephemeral.publicKey.base64),
            "ciphertext": .string(UnpaddedBase64.encode(AES256CBC.encrypt(plaintext, key: keys.key, iv: keys.iv))),
            "mac": .string(UnpaddedBase64.encode(keys.code)),
        ]
    }
}

extension BackupDecryptionKey {
    /// What ``BackupEncryptionKey/encrypt(_:random:)`` hid.
    ///
    /// - Throws: ``KeyBackupError/malformed`` or ``KeyBackupError/undecryptable``.
    public func decrypt(_ sessionData: JSONObject) throws(KeyBackupError) -> [UInt8] {
        guard let ephemeral = sessionData["ephemeral"]?.stringValue.flatMap(Curve25519Key.init(base64:)),
            let ciphertext = sessionData["ciphertext"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }),
            let code = sessionData["mac"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) })
        else { throw .malformed }
        do throws(PrimitiveError) {
            let keys = BackupMessageKeys(secret: try agree(with: ephemeral))
            guard constantTimeEqual(keys.code, code) else { throw PrimitiveError.authenticationFailed }
            return try AES256CBC.decrypt(ciphertext, key: keys.key, iv: keys.iv)
        } catch {
            throw .undecryptable
        }
    }
}
