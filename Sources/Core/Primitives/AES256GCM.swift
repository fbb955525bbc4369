/// AES-256 in Galois/counter mode: what the client's store seals its values with.
///
/// A nonce must never be used twice with one key; a random one is safe for some 2³² values.
public enum AES256GCM {
    public static let nonceBytes = 12
    public static let tagBytes = 16

    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - nonce: ``nonceBytes`` bytes.
    ///   - additional: bytes that are authenticated and not hidden.
    /// - Returns: the ciphertext, as long as `plaintext`, and the tag.
    public static func seal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], authenticating additional: [UInt8] = []
    ) -> [UInt8] {
        precondition(key.count == 32 && nonce.count == nonceBytes, "AES-256-GCM takes 32 bytes of key, 12 of nonce")
        return Backend.aes256GCMSeal(plaintext, key: key, nonce: nonce, authenticating: additional)
    }

    /// What ``seal(_:key:nonce:authenticating:)`` hid.
    ///
    /// - Throws: ``PrimitiveError/authenticationFailed`` when a byte of anything is not the one that was sealed.
    public static func open(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], authenticating additional: [UInt8] = []
    ) throws(PrimitiveError) -> [UInt8] {
        precondition(key.count == 32 && nonce.count == nonceBytes, "AES-256-GCM takes 32 bytes of key, 12 of nonce")
        guard sealed.count >= tagBytes else { throw .authenticationFailed }
        guard let plaintext = Backend.aes256GCMOpen(sealed, key: key, nonce: nonce, authenticating: additional) else {
            throw .authenticationFailed
        }
        return plaintext
    }
}
