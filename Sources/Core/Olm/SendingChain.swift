import Primitives

/// Our ratchet key and the keys of the messages that we send under it.
struct SendingChain: Sendable {
    /// The secret half of T(i): the pair if it was made in this run, or what it is made from.
    private enum RatchetSecret: Sendable {
        case pair(Curve25519KeyPair)
        case bytes(SecretBytes)
    }

    private let ratchetSecret: RatchetSecret
    /// T(i).
    let ratchetKey: Curve25519Key
    private(set) var chainKey: ChainKey

    init(ratchet: Curve25519KeyPair, chainKey: ChainKey) {
        ratchetSecret = .pair(ratchet)
        ratchetKey = ratchet.publicKey
        self.chainKey = chainKey
    }

    /// A chain as it was kept. The pair, which takes a multiplication, is made when the other side answers: sending
    /// needs its public half only.
    init(ratchetSecret: SecretBytes, ratchetKey: Curve25519Key, chainKey: ChainKey) {
        self.ratchetSecret = .bytes(ratchetSecret)
        self.ratchetKey = ratchetKey
        self.chainKey = chainKey
    }

    mutating func encrypt(_ plaintext: [UInt8]) -> NormalMessage {
        let message = NormalMessage(
            plaintext, ratchetKey: ratchetKey, chainIndex: chainKey.index, messageKey: chainKey.messageKey)
        chainKey.advance()
        return message
    }

    var ratchet: Curve25519KeyPair {
        switch ratchetSecret {
        case .pair(let pair):
            return pair
        case .bytes(let secret):
            guard let pair = Curve25519KeyPair(secret: secret.bytes) else {
                preconditionFailure("a ratchet's secret has 32 bytes")
            }
            return pair
        }
    }

    /// The bytes that the pair is made from.
    var secretBytes: [UInt8] {
        switch ratchetSecret {
        case .pair(let pair): pair.secret
        case .bytes(let secret): secret.bytes
        }
    }
}
