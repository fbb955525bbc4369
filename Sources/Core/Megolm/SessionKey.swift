import Primitives
import RatchetFormat
import UnpaddedBase64

/// What a session's owner gives to those who may read it: `session_key` of `m.room_key`. Secret.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#session-sharing-format
public struct SessionKey: Sendable {
    let state: SessionState
    private let signature: [UInt8]

    private static let version: UInt8 = 2

    init(_ ratchet: MegolmRatchet, signing: Ed25519KeyPair) {
        state = SessionState(ratchet: ratchet, signingKey: signing.publicKey)
        signature = signing.sign(state.bytes(version: Self.version))
    }

    /// - Throws: ``MegolmError/malformedSessionKey``, ``MegolmError/invalidSignature``.
    public init(_ bytes: [UInt8]) throws(MegolmError) {
        guard bytes.count == SessionState.byteCount + 64 else { throw .malformedSessionKey }
        state = try SessionState(Array(bytes[..<SessionState.byteCount]), version: Self.version)
        signature = Array(bytes[SessionState.byteCount...])
        guard state.signingKey.isValid(signature: signature, for: Array(bytes[..<SessionState.byteCount])) else {
            throw .invalidSignature
        }
    }

    /// - Throws: ``MegolmError/malformedSessionKey``, ``MegolmError/invalidSignature``.
    public init(base64: String) throws(MegolmError) {
        guard let bytes = UnpaddedBase64.decode(base64) else { throw .malformedSessionKey }
        try self.init(bytes)
    }

    public var bytes: [UInt8] { state.bytes(version: Self.version) + signature }

    public var base64: String { UnpaddedBase64.encode(bytes) }

    /// `session_id`: the public half of the key that signs the session's messages.
    public var sessionID: String { state.signingKey.base64 }
}

/// What a reader of a session passes on: `session_key` of backups, key files and `m.forwarded_room_key`. Secret.
///
/// Nobody has signed it: whoever gives it could have made it up.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#session-export-format
public struct ExportedSessionKey: Sendable {
    let state: SessionState

    private static let version: UInt8 = 1

    init(_ state: SessionState) {
        self.state = state
    }

    /// - Throws: ``MegolmError/malformedSessionKey``.
    public init(_ bytes: [UInt8]) throws(MegolmError) {
        state = try SessionState(bytes, version: Self.version)
    }

    /// - Throws: ``MegolmError/malformedSessionKey``.
    public init(base64: String) throws(MegolmError) {
        guard let bytes = UnpaddedBase64.decode(base64) else { throw .malformedSessionKey }
        try self.init(bytes)
    }

    public var bytes: [UInt8] { state.bytes(version: Self.version) }

    public var base64: String { UnpaddedBase64.encode(bytes) }

    /// `session_id`: the public half of the key that signs the session's messages.
    public var sessionID: String { state.signingKey.base64 }
}

/// What both formats share: the ratchet from some message on, and the key that signs.
struct SessionState: Sendable {
    let ratchet: MegolmRatchet
    let signingKey: Ed25519Key

    static let byteCount = 1 + 4 + MegolmRatchet.byteCount + 32

    init(ratchet: MegolmRatchet, signingKey: Ed25519Key) {
        self.ratchet = ratchet
        self.signingKey = signingKey
    }

    init(_ bytes: [UInt8], version: UInt8) throws(MegolmError) {
        do throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            guard try reader.byte() == version else { throw MalformedBytes() }
            ratchet = MegolmRatchet(
                index: try reader.number32(), secret: try reader.bytes(MegolmRatchet.byteCount))
            guard let signingKey = Ed25519Key(try reader.bytes(32)) else { throw MalformedBytes() }
            self.signingKey = signingKey
            try reader.end()
        } catch {
            throw .malformedSessionKey
        }
    }

    func bytes(version: UInt8) -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount + 64)
        writer.write(version)
        writer.write(ratchet.index)
        writer.write(ratchet.secret.bytes)
        writer.write(signingKey.bytes)
        return writer.bytes
    }
}
