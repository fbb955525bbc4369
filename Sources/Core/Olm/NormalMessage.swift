import Primitives
import RatchetFormat

/// A message of an established session, type 1; also the inner part of a ``PreKeyMessage``.
///
/// https://spec.matrix.org/v1.19/olm-megolm/olm/#normal-messages
public struct NormalMessage: Equatable, Sendable {
    /// All bytes as they were received; the code is checked over these and not over what we would have written.
    public let bytes: [UInt8]
    /// T(i), the public half of the sender's ratchet key.
    public let ratchetKey: Curve25519Key
    /// j, the number of the message in the chain of that key.
    public let chainIndex: UInt64
    private let ciphertextSpan: Range<Int>

    static let version: UInt8 = 3

    private enum Tag {
        static let ratchetKey: UInt8 = 0x0A
        static let chainIndex: UInt8 = 0x10
        static let ciphertext: UInt8 = 0x22
    }

    /// - Throws: ``OlmError/malformedMessage``.
    public init(_ bytes: [UInt8]) throws(OlmError) {
        guard bytes.first == Self.version, bytes.count > MessageCipher.codeBytes else { throw .malformedMessage }
        do throws(MalformedBytes) {
            let fields = try TaggedFields(bytes, in: 1..<bytes.count - MessageCipher.codeBytes)
            guard let ratchetKey = Curve25519Key(try fields.string(UInt64(Tag.ratchetKey))) else {
                throw MalformedBytes()
            }
            self.ratchetKey = ratchetKey
            chainIndex = try fields.number(UInt64(Tag.chainIndex))
            ciphertextSpan = try fields.span(UInt64(Tag.ciphertext))
            self.bytes = bytes
        } catch {
            throw .malformedMessage
        }
    }

    /// Encrypts: the one message that `messageKey` may be used for.
    init(_ plaintext: [UInt8], ratchetKey: Curve25519Key, chainIndex: UInt64, messageKey: SecretBytes) {
        let cipher = MessageCipher(secret: messageKey.bytes, info: "OLM_KEYS")
        let ciphertext = cipher.encrypt(plaintext)
        var writer = TaggedFieldWriter(version: Self.version, capacity: ciphertext.count + 64)
        writer.write(ratchetKey.bytes, tag: Tag.ratchetKey)
        writer.write(chainIndex, tag: Tag.chainIndex)
        writer.write(ciphertext, tag: Tag.ciphertext)
        ciphertextSpan = writer.bytes.count - ciphertext.count..<writer.bytes.count
        writer.append(cipher.code(of: writer.bytes))
        bytes = writer.bytes
        self.ratchetKey = ratchetKey
        self.chainIndex = chainIndex
    }

    /// - Throws: ``OlmError/authenticationFailed``.
    func decrypt(with messageKey: SecretBytes) throws(OlmError) -> [UInt8] {
        let cipher = MessageCipher(secret: messageKey.bytes, info: "OLM_KEYS")
        let end = bytes.count - MessageCipher.codeBytes
        let plaintext = cipher.decrypt(
            Array(bytes[ciphertextSpan]), of: Array(bytes[..<end]), code: Array(bytes[end...]))
        guard let plaintext else { throw .authenticationFailed }
        return plaintext
    }
}
