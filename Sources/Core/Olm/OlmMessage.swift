import UnpaddedBase64

/// What a session encrypts to: `type` and `body` of `m.olm.v1.curve25519-aes-sha2`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#molmv1curve25519-aes-sha2
public enum OlmMessage: Equatable, Sendable {
    /// Type 0, until the other side is known to have the session.
    case preKey(PreKeyMessage)
    /// Type 1.
    case normal(NormalMessage)

    /// - Throws: ``OlmError/unknownMessageType``, ``OlmError/malformedMessage``.
    public init(type: Int, bytes: [UInt8]) throws(OlmError) {
        switch type {
        case 0: self = .preKey(try PreKeyMessage(bytes))
        case 1: self = .normal(try NormalMessage(bytes))
        default: throw .unknownMessageType
        }
    }

    /// - Parameter body: unpadded Base64, as events carry it.
    /// - Throws: ``OlmError/unknownMessageType``, ``OlmError/malformedMessage``.
    public init(type: Int, body: String) throws(OlmError) {
        guard let bytes = UnpaddedBase64.decode(body) else { throw .malformedMessage }
        try self.init(type: type, bytes: bytes)
    }

    public var type: Int {
        switch self {
        case .preKey: 0
        case .normal: 1
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .preKey(let message): message.bytes
        case .normal(let message): message.bytes
        }
    }

    public var body: String { UnpaddedBase64.encode(bytes) }
}
