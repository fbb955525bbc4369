import Primitives

/// What two devices encrypt for each other with: a double ratchet.
///
/// A value: a copy is the session as it was. The host keeps exactly one, and makes the changed one durable before it
/// sends what was encrypted or shows what was decrypted; else a key is used twice.
///
/// https://spec.matrix.org/v1.19/olm-megolm/olm/#the-olm-protocol
public struct Session: Sendable {
    /// Whose turn it is to make a ratchet key.
    enum Turn: Sendable {
        /// We send under our key until the other side answers with its next.
        case theirs(RootKey, SendingChain)
        /// We have heard their key, and make ours when we have something to send.
        case ours(RootKey, theirRatchetKey: Curve25519Key)
    }

    /// The keys that the session was made of.
    public let keys: SessionKeys
    var turn: Turn
    /// The oldest first.
    var receivingChains: [ReceivingChain]

    /// How many messages may be missing before one that is decrypted.
    public static let maximumGap: UInt64 = 2_000
    /// How many ratchet keys of the other side messages may come late under.
    static let maximumReceivingChains = 5

    init(keys: SessionKeys, turn: Turn, receivingChains: [ReceivingChain]) {
        self.keys = keys
        self.turn = turn
        self.receivingChains = receivingChains
    }

    /// Both sides' name for the session.
    public var sessionID: String { keys.sessionID }

    /// Whether the other side has shown that it has the session: then messages are of type 1.
    public var isEstablished: Bool { !receivingChains.isEmpty }

    /// Encrypts the next message.
    ///
    /// - Parameter random: for a new ratchet key, when the other side has sent since we did.
    /// - Throws: ``OlmError/keyWithoutContribution`` when the other side's ratchet key is a bad one.
    public mutating func encrypt(_ plaintext: [UInt8], random: RandomSource) throws(OlmError) -> OlmMessage {
        var root: RootKey
        var chain: SendingChain
        switch turn {
        case .theirs(let current, let sending):
            (root, chain) = (current, sending)
        case .ours(let current, let theirRatchetKey):
            let ratchet = Curve25519KeyPair(random: random)
            let (next, chainKey) = try current.advanced(ratchet, theirRatchetKey)
            (root, chain) = (next, SendingChain(ratchet: ratchet, chainKey: chainKey))
        }
        let message = chain.encrypt(plaintext)
        turn = .theirs(root, chain)
        return isEstablished ? .normal(message) : .preKey(PreKeyMessage(keys: keys, message: message))
    }

    /// Decrypts a message of this session, each message once, in any order within bounds.
    ///
    /// - Throws: ``OlmError``; then the session is as it was, and the message may belong to another session.
    public mutating func decrypt(_ message: OlmMessage) throws(OlmError) -> [UInt8] {
        switch message {
        case .normal(let normal):
            return try decrypt(normal)
        case .preKey(let preKey):
            guard preKey.keys == keys else { throw .wrongSession }
            return try decrypt(preKey.message)
        }
    }

    mutating func decrypt(_ message: NormalMessage) throws(OlmError) -> [UInt8] {
        if let position = receivingChains.firstIndex(where: { $0.ratchetKey == message.ratchetKey }) {
            return try receivingChains[position].decrypt(message)
        }
        guard case .theirs(let root, let sending) = turn else { throw .unexpectedRatchetKey }
        let (next, chainKey) = try root.advanced(sending.ratchet, message.ratchetKey)
        var chain = ReceivingChain(ratchetKey: message.ratchetKey, chainKey: chainKey)
        let plaintext = try chain.decrypt(message)
        receivingChains.append(chain)
        receivingChains.removeFirst(max(0, receivingChains.count - Self.maximumReceivingChains))
        turn = .ours(next, theirRatchetKey: message.ratchetKey)
        return plaintext
    }
}
