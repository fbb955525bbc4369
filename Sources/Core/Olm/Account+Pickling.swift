import Primitives
import RatchetFormat

/// The account as bytes, in a format of our own. They are secret: the host seals them.
extension Account {
    private static let pickleVersion: UInt8 = 1
    private static let keyPickleBytes = 8 + 32 + 32 + 1

    public func pickle() -> [UInt8] {
        var writer = ByteWriter(capacity: 96 + (oneTimeKeys.count + 2) * Self.keyPickleBytes)
        writer.write(Self.pickleVersion)
        writer.write(signing.seed)
        writer.write(identity.secret)
        writer.write(nextKeyNumber)
        let fallbacks = [fallbackKey, previousFallbackKey].compactMap { $0 }
        writer.write(UInt8(fallbacks.count))
        for key in fallbacks { key.pickle(into: &writer) }
        writer.write(UInt32(oneTimeKeys.count))
        for key in oneTimeKeys { key.pickle(into: &writer) }
        return writer.bytes
    }

    /// - Throws: ``OlmError/malformedPickle``.
    public init(pickle: [UInt8]) throws(OlmError) {
        do throws(MalformedBytes) {
            var reader = ByteReader(pickle)
            guard try reader.byte() == Self.pickleVersion,
                let signing = Ed25519KeyPair(seed: try reader.bytes(32)),
                let identity = Curve25519KeyPair(secret: try reader.bytes(32))
            else { throw MalformedBytes() }
            self.init(signing: signing, identity: identity)
            nextKeyNumber = try reader.number64()
            guard nextKeyNumber <= UInt64.max / 2 else { throw MalformedBytes() }
            let fallbackCount = try reader.byte()
            guard fallbackCount <= 2 else { throw MalformedBytes() }
            if fallbackCount > 0 { fallbackKey = try OneTimeKey(pickle: &reader) }
            if fallbackCount > 1 { previousFallbackKey = try OneTimeKey(pickle: &reader) }
            let count = try reader.number32()
            guard count <= Self.maximumKeptOneTimeKeys else { throw MalformedBytes() }
            for _ in 0..<count { oneTimeKeys.append(try OneTimeKey(pickle: &reader)) }
            try reader.end()
        } catch {
            throw .malformedPickle
        }
    }
}

extension OneTimeKey {
    func pickle(into writer: inout ByteWriter) {
        writer.write(number)
        writer.write(secret.bytes)
        writer.write(publicKey.bytes)
        writer.write(isPublished ? 1 : 0 as UInt8)
    }

    init(pickle reader: inout ByteReader) throws(MalformedBytes) {
        let number = try reader.number64()
        let secret = SecretBytes(try reader.bytes(32))
        guard let publicKey = Curve25519Key(try reader.bytes(32)) else { throw MalformedBytes() }
        self.init(number: number, secret: secret, publicKey: publicKey, isPublished: try reader.flag())
    }
}
