import Primitives

/// The keys of the messages that the other side sends under one of its ratchet keys.
struct ReceivingChain: Sendable {
    /// The key of a message that had not come when a later one did.
    struct SkippedKey: Sendable {
        let index: UInt64
        let secret: SecretBytes
    }

    /// T(i) of the other side, which finds the chain.
    let ratchetKey: Curve25519Key
    private(set) var chainKey: ChainKey
    /// In the order in which they were skipped, at most ``maximumSkippedKeys``.
    private(set) var skippedKeys: [SkippedKey]

    /// As many as libolm and vodozemac keep; the oldest are dropped.
    static let maximumSkippedKeys = 40

    init(ratchetKey: Curve25519Key, chainKey: ChainKey, skippedKeys: [SkippedKey] = []) {
        self.ratchetKey = ratchetKey
        self.chainKey = chainKey
        self.skippedKeys = skippedKeys
    }

    /// Decrypts, and forgets the key that it took. When it throws, nothing has changed.
    mutating func decrypt(_ message: NormalMessage) throws(OlmError) -> [UInt8] {
        guard message.chainIndex >= chainKey.index else { return try decryptLate(message) }
        guard message.chainIndex - chainKey.index <= Session.maximumGap else { throw .tooFarAhead }
        var advanced = chainKey
        var skipped: [SkippedKey] = []
        while advanced.index < message.chainIndex {
            if message.chainIndex - advanced.index <= UInt64(Self.maximumSkippedKeys) {
                skipped.append(SkippedKey(index: advanced.index, secret: advanced.messageKey))
            }
            advanced.advance()
        }
        let plaintext = try message.decrypt(with: advanced.messageKey)
        advanced.advance()
        chainKey = advanced
        if !skipped.isEmpty {
            skippedKeys = Array((skippedKeys + skipped).suffix(Self.maximumSkippedKeys))
        }
        return plaintext
    }

    private mutating func decryptLate(_ message: NormalMessage) throws(OlmError) -> [UInt8] {
        guard let position = skippedKeys.firstIndex(where: { $0.index == message.chainIndex }) else {
            throw .missingMessageKey
        }
        let plaintext = try message.decrypt(with: skippedKeys[position].secret)
        skippedKeys.remove(at: position)
        return plaintext
    }
}
