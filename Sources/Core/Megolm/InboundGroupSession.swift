import Primitives

/// What a member reads another device's messages with, from some index on.
///
/// https://spec.matrix.org/v1.19/olm-megolm/megolm/#the-megolm-protocol
public struct InboundGroupSession: Sendable {
    /// The earliest ratchet that we have; messages before it stay unreadable.
    let firstRatchet: MegolmRatchet
    /// The ratchet of the last message that was decrypted: the next is mostly the one after it.
    private var latestRatchet: MegolmRatchet
    let signingKey: Ed25519Key
    /// Whether the session's owner gave us the key: nobody else can have signed it.
    public let isSignedByOwner: Bool

    /// A message as the session's owner wrote it.
    public struct Decrypted: Equatable, Sendable {
        public let plaintext: [UInt8]
        /// For the caller to refuse a second message with the same one.
        ///
        /// https://spec.matrix.org/v1.19/olm-megolm/megolm/#message-replays
        public let index: UInt32
    }

    /// A session that its owner shared.
    public init(_ key: SessionKey) {
        self.init(firstRatchet: key.state.ratchet, signingKey: key.state.signingKey, isSignedByOwner: true)
    }

    /// A session that somebody passed on.
    public init(_ key: ExportedSessionKey) {
        self.init(firstRatchet: key.state.ratchet, signingKey: key.state.signingKey, isSignedByOwner: false)
    }

    init(firstRatchet: MegolmRatchet, signingKey: Ed25519Key, isSignedByOwner: Bool) {
        self.firstRatchet = firstRatchet
        latestRatchet = firstRatchet
        self.signingKey = signingKey
        self.isSignedByOwner = isSignedByOwner
    }

    /// `session_id`.
    public var sessionID: String { signingKey.base64 }

    /// The index of the earliest message that can be read.
    public var firstKnownIndex: UInt32 { firstRatchet.index }

    /// Checks signature and code, then decrypts. Only what speeds up the next message changes.
    ///
    /// - Throws: ``MegolmError/invalidSignature``, ``MegolmError/unknownMessageIndex(firstKnown:)``,
    ///   ``MegolmError/authenticationFailed``.
    public mutating func decrypt(_ message: MegolmMessage) throws(MegolmError) -> Decrypted {
        guard message.isSigned(by: signingKey) else { throw .invalidSignature }
        let ratchet = try ratchet(at: message.index)
        let plaintext = try message.decrypt(with: ratchet)
        // Only after the code was right: a forger cannot make us keep turning.
        latestRatchet = ratchet
        return Decrypted(plaintext: plaintext, index: message.index)
    }

    /// The session for somebody who may read from `index` on; nil when we cannot read so early ourselves.
    public func export(at index: UInt32) -> ExportedSessionKey? {
        guard index >= firstKnownIndex else { return nil }
        var ratchet = firstRatchet
        ratchet.advance(to: index)
        return ExportedSessionKey(SessionState(ratchet: ratchet, signingKey: signingKey))
    }

    /// The session with all that we can read.
    public func export() -> ExportedSessionKey {
        ExportedSessionKey(SessionState(ratchet: firstRatchet, signingKey: signingKey))
    }

    private func ratchet(at index: UInt32) throws(MegolmError) -> MegolmRatchet {
        guard index >= firstKnownIndex else { throw .unknownMessageIndex(firstKnown: firstKnownIndex) }
        var ratchet = index >= latestRatchet.index ? latestRatchet : firstRatchet
        ratchet.advance(to: index)
        return ratchet
    }
}
