import Primitives
import RatchetFormat

/// What one device encrypts for a room with, until it makes another.
///
/// A value: the host keeps exactly one, and makes the changed one durable before it sends what was encrypted; else an
/// index is used twice.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#the-megolm-protocol
public struct OutboundGroupSession: Sendable {
    private var ratchet: MegolmRatchet
    private let signing: Ed25519KeyPair

    public init(random: RandomSource) {
        ratchet = MegolmRatchet(index: 0, secret: random.bytes(MegolmRatchet.byteCount))
        signing = Ed25519KeyPair(random: random)
    }

    /// `session_id`.
    public var sessionID: String { signing.publicKey.base64 }

    /// The index of the next message: how many there were.
    public var nextIndex: UInt32 { ratchet.index }

    /// What those who shall read from the next message on are given.
    public var sessionKey: SessionKey { SessionKey(ratchet, signing: signing) }

    /// Encrypts the next message.
    ///
    /// - Throws: ``MegolmError/exhausted`` after 2³² - 1 messages; rotation comes long before.
    public mutating func encrypt(_ plaintext: [UInt8]) throws(MegolmError) -> MegolmMessage {
        guard ratchet.index < .max else { throw .exhausted }
        let message = MegolmMessage(plaintext, ratchet: ratchet, signing: signing)
        ratchet.advance()
        return message
    }

    // MARK: Pickling

    private static let pickleVersion: UInt8 = 1

    /// The session as bytes, in a format of our own. They are secret: the host seals them.
    public func pickle() -> [UInt8] {
        var writer = ByteWriter(capacity: 200)
        writer.write(Self.pickleVersion)
        writer.write(signing.seed)
        writer.write(ratchet.index)
        writer.write(ratchet.secret.bytes)
        return writer.bytes
    }

    /// - Throws: ``MegolmError/malformedPickle``.
    public init(pickle: [UInt8]) throws(MegolmError) {
        do throws(MalformedBytes) {
            var reader = ByteReader(pickle)
            guard try reader.byte() == Self.pickleVersion,
                let signing = Ed25519KeyPair(seed: try reader.bytes(32))
            else { throw MalformedBytes() }
            self.signing = signing
            ratchet = MegolmRatchet(
                index: try reader.number32(), secret: try reader.bytes(MegolmRatchet.byteCount))
            try reader.end()
        } catch {
            throw .malformedPickle
        }
    }
}
