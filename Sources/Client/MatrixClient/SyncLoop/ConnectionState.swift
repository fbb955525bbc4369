/// Whether the session hears of what happens.
public enum ConnectionState: Sendable, Equatable {
    /// ``Session/run()`` is not running.
    case stopped
    /// The first answer, or the first after an interruption, has not come yet.
    case connecting
    case live
    /// The server cannot be reached; the next attempt is at this time (milliseconds since 1970).
    case offline(nextAttempt: Int64, reason: String)
    /// The access token is good for nothing any more.
    case signedOut(isSoft: Bool)
}

/// How the server lets us sync.
public enum SyncForm: String, Sendable, Equatable {
    /// Simplified sliding sync as it was accepted (MSC4186).
    case slidingV4
    /// The same at its unstable path.
    case slidingUnstable
    /// https://spec.matrix.org/v1.19/client-server-api/#syncing
    case v3
}
