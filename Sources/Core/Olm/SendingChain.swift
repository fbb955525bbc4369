import Primitives

/// Our ratchet key and the keys of the messages that we send under it.
struct SendingChain: Sendable {
    /// T(i). The pair is made when the other side answers; sending needs its public half only.
    let ratchetSecret: SecretBytes
    let ratchetKey: Curve25519Key
    private(set) var chainKey: ChainKey

    init(ratchetSecret: SecretBytes, ratchetKey: Curve25519Key, chainKey: ChainKey) {
        self.ratchetSecret = ratchetSecret
        self.ratchetKey = ratchetKey
        self.chainKey = chainKey
    }

    init(ratchet: Curve25519KeyPair, chainKey: ChainKey) {
        self.init(
            ratchetSecret: SecretBytes(ratchet.secret), ratchetKey: ratchet.publicKey, chainKey: chainKey)
    }

    mutating func encrypt(_ plaintext: [UInt8]) -> NormalMessage {
        let message = NormalMessage(
            plaintext, ratchetKey: ratchetKey, chainIndex: chainKey.index, messageKey: chainKey.messageKey)
        chainKey.advance()
        return message
    }

    var ratchet: Curve25519KeyPair {
        guard let pair = Curve25519KeyPair(secret: ratchetSecret.bytes) else {
            preconditionFailure("a ratchet's secret has 32 bytes")
        }
        return pair
    }
}
