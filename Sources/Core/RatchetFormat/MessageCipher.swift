import Primitives

/// The authenticated encryption of version 1: AES-256-CBC, and HMAC-SHA-256 cut to 8 bytes.
///
/// A cipher is for one message: its keys come from a message key that is used once.
///
/// https://spec.matrix.org/v1.19/olm-megolm/olm/#version-1
package final class MessageCipher {
    /// The bytes of a message authentication code.
    package static let codeBytes = 8

    private var encryptionKey: [UInt8]
    private var authenticationKey: [UInt8]
    private let iv: [UInt8]

    /// - Parameters:
    ///   - secret: the message key, or Megolm's whole ratchet.
    ///   - info: `OLM_KEYS` or `MEGOLM_KEYS`.
    package init(secret: [UInt8], info: StaticString) {
        var keys = HKDFSHA256.derive(from: secret, salt: [], info: info.bytes, count: 80)
        encryptionKey = Array(keys[..<32])
        authenticationKey = Array(keys[32..<64])
        iv = Array(keys[64...])
        wipe(&keys)
    }

    deinit {
        wipe(&encryptionKey)
        wipe(&authenticationKey)
    }

    package func encrypt(_ plaintext: [UInt8]) -> [UInt8] {
        AES256CBC.encrypt(plaintext, key: encryptionKey, iv: iv)
    }

    /// The code of a message up to where the code stands.
    package func code(of message: [UInt8]) -> [UInt8] {
        Array(HMACSHA256.authenticate(message, key: authenticationKey)[..<Self.codeBytes])
    }

    /// Nil when the code is another or what it is the code of cannot be decrypted.
    package func decrypt(_ ciphertext: [UInt8], of message: [UInt8], code: [UInt8]) -> [UInt8]? {
        guard constantTimeEqual(self.code(of: message), code) else { return nil }
        do {
            return try AES256CBC.decrypt(ciphertext, key: encryptionKey, iv: iv)
        } catch {
            return nil
        }
    }
}

extension StaticString {
    /// The bytes that stand in the program's text.
    package var bytes: [UInt8] {
        withUTF8Buffer { Array($0) }
    }
}
