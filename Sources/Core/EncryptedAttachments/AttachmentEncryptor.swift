import Primitives

/// Encrypts one file, piece by piece, under a key of its own.
///
/// https://spec.matrix.org/v1.19/client-server-api/#sending-encrypted-attachments
public struct AttachmentEncryptor {
    private let key: [UInt8]
    private let iv: [UInt8]
    private var stream: AES256CTRStream
    private var hasher = SHA256Hasher()

    /// A new key and counter; one encryptor is for one file.
    public init(random: RandomSource) {
        key = random.bytes(32)
        // The lower half counts blocks from zero.
        iv = random.bytes(8) + [UInt8](repeating: 0, count: 8)
        stream = AES256CTRStream(key: key, counter: iv)
    }

    /// The next piece of the ciphertext, as long as `plaintext`.
    public mutating func update(_ plaintext: [UInt8]) -> [UInt8] {
        let ciphertext = stream.apply(plaintext)
        hasher.update(ciphertext)
        return ciphertext
    }

    /// What the receivers need, when all pieces are through.
    public func finish() -> EncryptedFileSecrets {
        EncryptedFileSecrets(key: key, iv: iv, hash: hasher.finish())
    }
}
