import Primitives
import RatchetFormat

/// A message that brings along what its receiver needs to make the session, type 0.
///
/// https://spec.matrix.org/v1.19/olm-megolm/olm/#pre-key-messages
public struct PreKeyMessage: Equatable, Sendable {
    /// All bytes as they were received.
    public let bytes: [UInt8]
    /// The keys that the session is made of, the same in all its pre-key messages.
    public let keys: SessionKeys
    /// The first message of the new session, or a later one sent before the other side answered.
    public let message: NormalMessage

    private enum Tag {
        static let oneTimeKey: UInt8 = 0x0A
        static let baseKey: UInt8 = 0x12
        static let identityKey: UInt8 = 0x1A
        static let message: UInt8 = 0x22
    }

    /// - Throws: ``OlmError/malformedMessage``.
    public init(_ bytes: [UInt8]) throws(OlmError) {
        guard bytes.first == NormalMessage.version else { throw .malformedMessage }
        let inner: [UInt8]
        do throws(MalformedBytes) {
            let fields = try TaggedFields(bytes, in: 1..<bytes.count)
            guard let identityKey = Curve25519Key(try fields.string(UInt64(Tag.identityKey))),
                let baseKey = Curve25519Key(try fields.string(UInt64(Tag.baseKey))),
                let oneTimeKey = Curve25519Key(try fields.string(UInt64(Tag.oneTimeKey)))
            else { throw MalformedBytes() }
            keys = SessionKeys(identityKey: identityKey, baseKey: baseKey, oneTimeKey: oneTimeKey)
            inner = try fields.string(UInt64(Tag.message))
        } catch {
            throw .malformedMessage
        }
        message = try NormalMessage(inner)
        self.bytes = bytes
    }

    init(keys: SessionKeys, message: NormalMessage) {
        var writer = TaggedFieldWriter(version: NormalMessage.version, capacity: message.bytes.count + 128)
        writer.write(keys.oneTimeKey.bytes, tag: Tag.oneTimeKey)
        writer.write(keys.baseKey.bytes, tag: Tag.baseKey)
        writer.write(keys.identityKey.bytes, tag: Tag.identityKey)
        writer.write(message.bytes, tag: Tag.message)
        bytes = writer.bytes
        self.keys = keys
        self.message = message
    }

    /// The session that this message belongs to.
    public var sessionID: String { keys.sessionID }
}
