import Primitives
import RatchetFormat

/// The session as bytes, in a format of our own. They are secret: the host seals them.
extension Session {
    private static let pickleVersion: UInt8 = 1

    public func pickle() -> [UInt8] {
        var writer = ByteWriter(capacity: 512)
        writer.write(Self.pickleVersion)
        writer.write(keys.identityKey.bytes)
        writer.write(keys.baseKey.bytes)
        writer.write(keys.oneTimeKey.bytes)
        switch turn {
        case .theirs(let root, let chain):
            writer.write(0 as UInt8)
            writer.write(root.secret.bytes)
            writer.write(chain.secretBytes)
            writer.write(chain.ratchetKey.bytes)
            chain.chainKey.pickle(into: &writer)
        case .ours(let root, let theirRatchetKey):
            writer.write(1 as UInt8)
            writer.write(root.secret.bytes)
            writer.write(theirRatchetKey.bytes)
        }
        writer.write(UInt8(receivingChains.count))
        for chain in receivingChains { chain.pickle(into: &writer) }
        return writer.bytes
    }

    /// - Throws: ``OlmError/malformedPickle``.
    public init(pickle: [UInt8]) throws(OlmError) {
        do throws(MalformedBytes) {
            var reader = ByteReader(pickle)
            guard try reader.byte() == Self.pickleVersion else { throw MalformedBytes() }
            let keys = SessionKeys(
                identityKey: try reader.curve25519Key(), baseKey: try reader.curve25519Key(),
                oneTimeKey: try reader.curve25519Key())
            let isTheirTurn = try !reader.flag()
            let root = RootKey(secret: try reader.secret())
            let turn: Turn
            if isTheirTurn {
                let chain = SendingChain(
                    ratchetSecret: try reader.secret(), ratchetKey: try reader.curve25519Key(),
                    chainKey: try ChainKey(pickle: &reader))
                turn = .theirs(root, chain)
            } else {
                turn = .ours(root, theirRatchetKey: try reader.curve25519Key())
            }
            let chainCount = try reader.byte()
            // Only an answer makes it our turn, so then there is one at least.
            guard chainCount <= Self.maximumReceivingChains, isTheirTurn || chainCount > 0 else {
                throw MalformedBytes()
            }
            var chains: [ReceivingChain] = []
            for _ in 0..<chainCount { chains.append(try ReceivingChain(pickle: &reader)) }
            try reader.end()
            self.init(keys: keys, turn: turn, receivingChains: chains)
        } catch {
            throw .malformedPickle
        }
    }
}

extension ReceivingChain {
    fileprivate func pickle(into writer: inout ByteWriter) {
        writer.write(ratchetKey.bytes)
        chainKey.pickle(into: &writer)
        writer.write(UInt8(skippedKeys.count))
        for key in skippedKeys {
            writer.write(key.index)
            writer.write(key.secret.bytes)
        }
    }

    fileprivate init(pickle reader: inout ByteReader) throws(MalformedBytes) {
        let ratchetKey = try reader.curve25519Key()
        let chainKey = try ChainKey(pickle: &reader)
        let count = try reader.byte()
        guard count <= Self.maximumSkippedKeys else { throw MalformedBytes() }
        var skippedKeys: [SkippedKey] = []
        for _ in 0..<count {
            skippedKeys.append(SkippedKey(index: try reader.number64(), secret: try reader.secret()))
        }
        self.init(ratchetKey: ratchetKey, chainKey: chainKey, skippedKeys: skippedKeys)
    }
}

extension ChainKey {
    fileprivate func pickle(into writer: inout ByteWriter) {
        writer.write(secret.bytes)
        writer.write(index)
    }

    fileprivate init(pickle reader: inout ByteReader) throws(MalformedBytes) {
        let secret = try reader.secret()
        let index = try reader.number64()
        // Nobody has sent so many; counting on from here cannot overflow.
        guard index <= UInt64.max / 2 else { throw MalformedBytes() }
        self.init(secret: secret, index: index)
    }
}

extension ByteReader {
    fileprivate mutating func curve25519Key() throws(MalformedBytes) -> Curve25519Key {
        guard let key = Curve25519Key(try bytes(32)) else { throw MalformedBytes() }
        return key
    }

    fileprivate mutating func secret() throws(MalformedBytes) -> SecretBytes {
        SecretBytes(try bytes(32))
    }
}
