import Primitives

/// https://spec.matrix.org/v1.19/olm-megolm/olm/#initial-setup
extension Account {
    /// A session with a device whose keys we have; it sends pre-key messages until the device answers.
    ///
    /// The caller has checked that the keys are the device's: their signature and who the device belongs to.
    ///
    /// - Parameters:
    ///   - identityKey: I(B), the device's identity key.
    ///   - oneTimeKey: E(B), a key of the device that was claimed for us, or its fallback key.
    /// - Throws: ``OlmError/keyWithoutContribution``.
    public func makeOutboundSession(
        to identityKey: Curve25519Key, oneTimeKey: Curve25519Key, random: RandomSource
    ) throws(OlmError) -> Session {
        let base = Curve25519KeyPair(random: random)
        let ratchet = Curve25519KeyPair(random: random)
        let (root, chainKey) = try Self.agree(
            (identity, oneTimeKey), (base, identityKey), (base, oneTimeKey))
        return Session(
            keys: SessionKeys(identityKey: self.identityKey, baseKey: base.publicKey, oneTimeKey: oneTimeKey),
            turn: .theirs(root, SendingChain(ratchet: ratchet, chainKey: chainKey)), receivingChains: [])
    }

    /// The session that a pre-key message begins, and what the message says.
    ///
    /// Whoever has a session with the message's ``PreKeyMessage/sessionID`` decrypts with that one instead. The
    /// one-time key is used up when the message is genuine; a fallback key stays.
    ///
    /// - Parameter identityKey: I(A), the sender's identity key as the event says it; the caller checks later who it
    ///   belongs to.
    /// - Throws: ``OlmError``; then nothing has changed.
    public mutating func makeInboundSession(
        from identityKey: Curve25519Key, _ message: PreKeyMessage
    ) throws(OlmError) -> (session: Session, plaintext: [UInt8]) {
        guard message.keys.identityKey == identityKey else { throw .wrongIdentityKey }
        let wanted = message.keys.oneTimeKey
        let position = oneTimeKeys.firstIndex { $0.publicKey == wanted }
        let fallbacks = [fallbackKey, previousFallbackKey].compactMap { $0 }
        guard let key = position.map({ oneTimeKeys[$0] }) ?? fallbacks.first(where: { $0.publicKey == wanted }) else {
            throw .unknownOneTimeKey
        }
        let pair = key.pair
        let (root, chainKey) = try Self.agree(
            (pair, identityKey), (identity, message.keys.baseKey), (pair, message.keys.baseKey))
        let theirRatchetKey = message.message.ratchetKey
        var session = Session(
            keys: message.keys, turn: .ours(root, theirRatchetKey: theirRatchetKey),
            receivingChains: [ReceivingChain(ratchetKey: theirRatchetKey, chainKey: chainKey)])
        let plaintext = try session.decrypt(message.message)
        if let position { oneTimeKeys.remove(at: position) }
        return (session, plaintext)
    }

    private typealias Agreement = (ours: Curve25519KeyPair, theirs: Curve25519Key)

    /// The three agreements, in the order in which the specification joins them.
    private static func agree(
        _ first: Agreement, _ second: Agreement, _ third: Agreement
    ) throws(OlmError) -> (RootKey, ChainKey) {
        var shared: [UInt8] = []
        shared.reserveCapacity(96)
        defer { wipe(&shared) }
        for agreement in [first, second, third] {
            var secret = try agreement.ours.secretShared(with: agreement.theirs)
            shared += secret
            wipe(&secret)
        }
        return RootKey.initial(shared)
    }
}
