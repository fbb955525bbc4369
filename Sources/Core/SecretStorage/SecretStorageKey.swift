import CanonicalJSON
import Primitives
import UnpaddedBase64

/// Why secret storage could not be read or written.
public enum SecretStorageError: Error, Equatable, Sendable {
    /// Account data that does not have the specification's form.
    case malformed
    /// Another algorithm than `m.secret_storage.v1.aes-hmac-sha2`.
    case unsupportedAlgorithm
    case unsupportedPassphrase
    /// A number of rounds outside ``PassphraseDerivation/acceptedRounds``.
    case roundsOutOfBounds
    /// The key can only be typed in, there is no passphrase for it.
    case noPassphrase
    /// The recovery key or passphrase is not the right one.
    case wrongKey
    /// The secret is not encrypted with this key.
    case notEncryptedWithThisKey
    /// The code does not fit: another key, another secret's name, or somebody changed it.
    case authenticationFailed
}

/// The key that secrets on the server are encrypted with; a person has it as a recovery key or makes it from a
/// passphrase.
///
/// https://spec.matrix.org/v1.19/client-server-api/#storage
public struct SecretStorageKey: Sendable {
    private let storage: SecretBytes

    /// A new key.
    public init(random: RandomSource) {
        storage = SecretBytes(random.bytes(32))
    }

    /// Nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        storage = SecretBytes(bytes)
    }

    /// The key that a person typed.
    public init(recoveryKey: String) throws(KeyRepresentation.Failure) {
        storage = SecretBytes(try KeyRepresentation.decode(recoveryKey))
    }

    /// The key of a passphrase; it takes about a microsecond a round.
    public init(passphrase: String, derivation: PassphraseDerivation) {
        storage = SecretBytes(derivation.key(from: passphrase))
    }

    public var bytes: [UInt8] { storage.bytes }

    /// As the person writes it down.
    public var recoveryKey: String { KeyRepresentation.encode(storage.bytes) }
}

// MARK: m.secret_storage.v1.aes-hmac-sha2

extension SecretStorageKey {
    /// A secret as it stands in account data.
    struct Sealed: Sendable {
        var iv: [UInt8]
        var ciphertext: [UInt8]
        var code: [UInt8]
    }

    /// - Parameter name: the secret's; empty for the check of the key itself.
    func seal(_ plaintext: [UInt8], name: String, iv: [UInt8]) -> Sealed {
        let keys = HKDFSHA256.derive(from: storage.bytes, salt: [], info: Array(name.utf8), count: 64)
        let ciphertext = AES256CTR.apply(plaintext, key: Array(keys[..<32]), counter: iv)
        let code = HMACSHA256.authenticate(ciphertext, key: Array(keys[32...]))
        return Sealed(iv: iv, ciphertext: ciphertext, code: code)
    }

    func open(_ sealed: Sealed, name: String) throws(SecretStorageError) -> [UInt8] {
        let keys = HKDFSHA256.derive(from: storage.bytes, salt: [], info: Array(name.utf8), count: 64)
        let code = HMACSHA256.authenticate(sealed.ciphertext, key: Array(keys[32...]))
        guard constantTimeEqual(code, sealed.code) else { throw .authenticationFailed }
        return AES256CTR.apply(sealed.ciphertext, key: Array(keys[..<32]), counter: sealed.iv)
    }

    /// 16 random bytes with bit 63 zero, for implementations whose counter is 64 bits long.
    static func makeIV(_ random: RandomSource) -> [UInt8] {
        var iv = random.bytes(16)
        iv[8] &= 0x7F
        return iv
    }

    /// A secret, encrypted for this key.
    ///
    /// - Parameters:
    ///   - name: the secret's, such as `m.cross_signing.master`; it is part of the encryption.
    ///   - keyID: this key's.
    ///   - content: the account data there is already, whose versions for other keys stay.
    /// - Returns: the content of the account data event of type `name`.
    public func encrypt(
        _ secret: String, name: String, keyID: String, addingTo content: JSONObject? = nil, random: RandomSource
    ) -> JSONObject {
        let sealed = seal(Array(secret.utf8), name: name, iv: Self.makeIV(random))
        var encrypted = content?["encrypted"]?.objectValue ?? JSONObject()
        encrypted[keyID] = [
            "iv": .string(UnpaddedBase64.encode(sealed.iv)),
            "ciphertext": .string(UnpaddedBase64.encode(sealed.ciphertext)),
            "mac": .string(UnpaddedBase64.encode(sealed.code)),
        ]
        return ["encrypted": .object(encrypted)]
    }

    /// The secret in account data.
    ///
    /// - Parameter content: of the account data event of type `name`.
    /// - Throws: ``SecretStorageError/notEncryptedWithThisKey``, ``SecretStorageError/malformed`` or
    ///   ``SecretStorageError/authenticationFailed``.
    public func decrypt(_ content: JSONObject, name: String, keyID: String) throws(SecretStorageError) -> String {
        guard let encrypted = content["encrypted"]?.objectValue else { throw .malformed }
        guard let entry = encrypted[keyID]?.objectValue else { throw .notEncryptedWithThisKey }
        guard let iv = entry["iv"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }), iv.count == 16,
            let ciphertext = entry["ciphertext"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) }),
            let code = entry["mac"]?.stringValue.flatMap({ UnpaddedBase64.decode($0) })
        else { throw .malformed }
        let bytes = try open(Sealed(iv: iv, ciphertext: ciphertext, code: code), name: name)
        guard let secret = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return secret
    }
}
