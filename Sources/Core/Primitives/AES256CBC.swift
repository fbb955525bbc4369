/// AES-256 in cipher block chaining mode with PKCS#7 padding. It hides and does not authenticate: check a code first.
public enum AES256CBC {
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - iv: 16 bytes.
    /// - Returns: whole blocks, one to sixteen bytes more than `bytes`.
    public static func encrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8] {
        precondition(key.count == 32 && iv.count == 16, "AES-256-CBC takes 32 bytes of key, 16 of vector")
        return Backend.aes256CBCEncrypt(bytes, key: key, iv: iv)
    }

    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - iv: 16 bytes.
    /// - Throws: ``PrimitiveError/malformedCiphertext`` unless `bytes` are whole blocks with right padding.
    public static func decrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) throws(PrimitiveError) -> [UInt8] {
        precondition(key.count == 32 && iv.count == 16, "AES-256-CBC takes 32 bytes of key, 16 of vector")
        guard !bytes.isEmpty, bytes.count % 16 == 0 else { throw .malformedCiphertext }
        guard let plaintext = Backend.aes256CBCDecrypt(bytes, key: key, iv: iv) else { throw .malformedCiphertext }
        return plaintext
    }
}
