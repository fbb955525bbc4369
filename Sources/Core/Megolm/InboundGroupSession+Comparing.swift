import Primitives

/// The same session, received twice: which one to keep.
extension InboundGroupSession {
    /// How one session is related to another.
    public enum Relation: Equatable, Sendable {
        /// Both read the same messages.
        case equal
        /// This one reads more.
        case better
        /// The other reads more.
        case worse
        /// Not the same session, whatever it calls itself: one of them is made up.
        case unconnected
    }

    /// Compares what can be read. Two ratchets are of one session when the earlier one turns into the later one.
    public func relation(to other: InboundGroupSession) -> Relation {
        guard signingKey == other.signingKey else { return .unconnected }
        var ours = firstRatchet
        var theirs = other.firstRatchet
        ours.advance(to: max(ours.index, theirs.index))
        theirs.advance(to: max(ours.index, theirs.index))
        guard constantTimeEqual(ours.secret.bytes, theirs.secret.bytes) else { return .unconnected }
        if firstKnownIndex == other.firstKnownIndex { return .equal }
        return firstKnownIndex < other.firstKnownIndex ? .better : .worse
    }

    /// One session that knows what both know: the earlier ratchet, and that the owner signed one of them.
    ///
    /// A signed ratchet from index 5 on vouches for the ratchet from 0 on that turns into it: who does not know the
    /// earlier one cannot make one up that meets the later one, because the hash cannot be turned back.
    ///
    /// - Returns: nil when the sessions are unconnected; the caller keeps what it has.
    public func merged(with other: InboundGroupSession) -> InboundGroupSession? {
        let first: MegolmRatchet
        switch relation(to: other) {
        case .equal, .better: first = firstRatchet
        case .worse: first = other.firstRatchet
        case .unconnected: return nil
        }
        return InboundGroupSession(
            firstRatchet: first, signingKey: signingKey,
            isSignedByOwner: isSignedByOwner || other.isSignedByOwner)
    }
}
