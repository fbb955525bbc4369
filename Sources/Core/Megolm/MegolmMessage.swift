import Primitives
import RatchetFormat
import UnpaddedBase64

/// A message of a group session: `ciphertext` of `m.megolm.v1.aes-sha2`.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#message-format
public struct MegolmMessage: Equatable, Sendable {
    /// All bytes as they were received; code and signature are checked over these.
    public let bytes: [UInt8]
    /// i, the number of the message in its session.
    public let index: UInt32
    private let ciphertextSpan: Range<Int>

    private static let version: UInt8 = 3
    private static let signatureBytes = 64

    private enum Tag {
        static let index: UInt8 = 0x08
        static let ciphertext: UInt8 = 0x12
    }

    /// - Throws: ``MegolmError/malformedMessage``.
    public init(_ bytes: [UInt8]) throws(MegolmError) {
        let trailerBytes = MessageCipher.codeBytes + Self.signatureBytes
        guard bytes.first == Self.version, bytes.count > trailerBytes else { throw .malformedMessage }
        do throws(MalformedBytes) {
            let fields = try TaggedFields(bytes, in: 1..<bytes.count - trailerBytes)
            guard let index = UInt32(exactly: try fields.number(UInt64(Tag.index))) else { throw MalformedBytes() }
            self.index = index
            ciphertextSpan = try fields.span(UInt64(Tag.ciphertext))
            self.bytes = bytes
        } catch {
            throw .malformedMessage
        }
    }

    /// - Parameter base64: unpadded, as events carry it.
    /// - Throws: ``MegolmError/malformedMessage``.
    public init(base64: String) throws(MegolmError) {
        guard let bytes = UnpaddedBase64.decode(base64) else { throw .malformedMessage }
        try self.init(bytes)
    }

    public var base64: String { UnpaddedBase64.encode(bytes) }

    /// Encrypts and signs: the one message that `ratchet` may be used for.
    init(_ plaintext: [UInt8], ratchet: MegolmRatchet, signing: Ed25519KeyPair) {
        let cipher = MessageCipher(secret: ratchet.secret.bytes, info: "MEGOLM_KEYS")
        let ciphertext = cipher.encrypt(plaintext)
        var writer = TaggedFieldWriter(version: Self.version, capacity: ciphertext.count + 96)
        writer.write(UInt64(ratchet.index), tag: Tag.index)
        writer.write(ciphertext, tag: Tag.ciphertext)
        ciphertextSpan = writer.bytes.count - ciphertext.count..<writer.bytes.count
        writer.append(cipher.code(of: writer.bytes))
        writer.append(signing.sign(writer.bytes))
        bytes = writer.bytes
        index = ratchet.index
    }

    func isSigned(by key: Ed25519Key) -> Bool {
        let end = bytes.count - Self.signatureBytes
        return key.isValid(signature: Array(bytes[end...]), for: Array(bytes[..<end]))
    }

    /// - Throws: ``MegolmError/authenticationFailed``.
    func decrypt(with ratchet: MegolmRatchet) throws(MegolmError) -> [UInt8] {
        let cipher = MessageCipher(secret: ratchet.secret.bytes, info: "MEGOLM_KEYS")
        let end = bytes.count - Self.signatureBytes - MessageCipher.codeBytes
        let plaintext = cipher.decrypt(
            Array(bytes[ciphertextSpan]), of: Array(bytes[..<end]),
            code: Array(bytes[end..<end + MessageCipher.codeBytes]))
        guard let plaintext else { throw .authenticationFailed }
        return plaintext
    }
}
