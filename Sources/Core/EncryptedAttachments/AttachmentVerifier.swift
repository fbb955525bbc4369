import Primitives

/// The first pass over a downloaded file: hashes the ciphertext. Only when the hash is right does it give the
/// ``AttachmentDecryptor`` for the second pass, so that no byte of a file that was tampered with is ever released.
///
/// https://spec.matrix.org/v1.19/client-server-api/#sending-encrypted-attachments
public struct AttachmentVerifier {
    private let file: EncryptedFile
    private let maximumBytes: Int
    private var count = 0
    private var hasher = SHA256Hasher()

    /// - Parameter maximumBytes: beyond which the download is to be ended.
    public init(_ file: EncryptedFile, maximumBytes: Int) {
        self.file = file
        self.maximumBytes = maximumBytes
    }

    /// - Throws: ``AttachmentError/tooLarge``.
    public mutating func update(_ ciphertext: [UInt8]) throws(AttachmentError) {
        guard ciphertext.count <= maximumBytes - count else { throw .tooLarge }
        count += ciphertext.count
        hasher.update(ciphertext)
    }

    /// - Throws: ``AttachmentError/wrongHash``.
    public func finish() throws(AttachmentError) -> AttachmentDecryptor {
        guard constantTimeEqual(hasher.finish(), file.hash) else { throw .wrongHash }
        return AttachmentDecryptor(file)
    }
}

/// The second pass: the ciphertext again, from where the caller kept it, to the file.
///
/// Whoever keeps the ciphertext where others can write compares ``isTheSame`` at the end.
public struct AttachmentDecryptor {
    private var stream: AES256CTRStream
    private var hasher = SHA256Hasher()
    private let hash: [UInt8]

    init(_ file: EncryptedFile) {
        stream = AES256CTRStream(key: file.key, counter: file.iv)
        hash = file.hash
    }

    /// The next piece of the file, as long as `ciphertext`.
    public mutating func update(_ ciphertext: [UInt8]) -> [UInt8] {
        hasher.update(ciphertext)
        return stream.apply(ciphertext)
    }

    /// Whether what was decrypted until now is all of what was verified.
    public var isTheSame: Bool { constantTimeEqual(hasher.finish(), hash) }
}

extension EncryptedFile {
    /// A whole file that is in memory.
    ///
    /// - Throws: ``AttachmentError/wrongHash``.
    public func decrypt(_ ciphertext: [UInt8]) throws(AttachmentError) -> [UInt8] {
        var verifier = AttachmentVerifier(self, maximumBytes: ciphertext.count)
        try verifier.update(ciphertext)
        var decryptor = try verifier.finish()
        return decryptor.update(ciphertext)
    }
}

extension AttachmentEncryptor {
    /// A whole file that is in memory: the ciphertext to upload and what the receivers need.
    public static func encrypt(_ file: [UInt8], random: RandomSource) -> (
        ciphertext: [UInt8], secrets: EncryptedFileSecrets
    ) {
        var encryptor = AttachmentEncryptor(random: random)
        let ciphertext = encryptor.update(file)
        return (ciphertext, encryptor.finish())
    }
}
