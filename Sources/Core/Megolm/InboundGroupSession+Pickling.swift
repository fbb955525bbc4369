import Primitives
import RatchetFormat
import UnpaddedBase64

/// The session as bytes, in a format of our own. They are secret: the host seals them.
extension InboundGroupSession {
    private static let pickleVersion: UInt8 = 1

    public func pickle() -> [UInt8] {
        var writer = ByteWriter(capacity: 200)
        writer.write(Self.pickleVersion)
        writer.write(isSignedByOwner ? 1 : 0 as UInt8)
        writer.write(signingKey.bytes)
        writer.write(firstRatchet.index)
        writer.write(firstRatchet.secret.bytes)
        return writer.bytes
    }

    /// - Throws: ``MegolmError/malformedPickle``.
    public init(pickle: [UInt8]) throws(MegolmError) {
        do throws(MalformedBytes) {
            var reader = ByteReader(pickle)
            guard try reader.byte() == Self.pickleVersion else { throw MalformedBytes() }
            let isSignedByOwner = try reader.flag()
            guard let signingKey = Ed25519Key(try reader.bytes(32)) else { throw MalformedBytes() }
            let ratchet = MegolmRatchet(
                index: try reader.number32(), secret: try reader.bytes(MegolmRatchet.byteCount))
            try reader.end()
            self.init(firstRatchet: ratchet, signingKey: signingKey, isSignedByOwner: isSignedByOwner)
        } catch {
            throw .malformedPickle
        }
    }

    /// A session as libolm's `olm_pickle_inbound_group_session` wrote it, for those who move in with their history.
    ///
    /// There is no such way for accounts: libolm keeps the expanded half of its Ed25519 key, which cannot be turned
    /// back into the seed that signing takes here.
    ///
    /// - Parameters:
    ///   - libolmPickle: Base64.
    ///   - key: what libolm was given as pickle key, of any length.
    /// - Throws: ``MegolmError/malformedPickle``.
    public init(libolmPickle: String, key: [UInt8]) throws(MegolmError) {
        guard let sealed = UnpaddedBase64.decode(libolmPickle), sealed.count > MessageCipher.codeBytes else {
            throw .malformedPickle
        }
        let end = sealed.count - MessageCipher.codeBytes
        let ciphertext = Array(sealed[..<end])
        let cipher = MessageCipher(secret: key, info: "Pickle")
        guard var opened = cipher.decrypt(ciphertext, of: ciphertext, code: Array(sealed[end...])) else {
            throw .malformedPickle
        }
        defer { wipe(&opened) }
        do throws(MalformedBytes) {
            var reader = ByteReader(opened)
            // Version 1 lacked the last byte.
            let version = try reader.number32()
            guard version == 1 || version == 2 else { throw MalformedBytes() }
            let secret = try reader.bytes(MegolmRatchet.byteCount)
            let first = MegolmRatchet(index: try reader.number32(), secret: secret)
            // The latest ratchet, which the first one turns into.
            _ = try reader.bytes(MegolmRatchet.byteCount + 4)
            guard let signingKey = Ed25519Key(try reader.bytes(32)) else { throw MalformedBytes() }
            let isSignedByOwner = version == 1 ? false : try reader.flag()
            try reader.end()
            self.init(firstRatchet: first, signingKey: signingKey, isSignedByOwner: isSignedByOwner)
        } catch {
            throw .malformedPickle
        }
    }
}
