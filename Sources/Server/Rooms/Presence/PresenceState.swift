/// Whether a user is there, as his devices and he himself say.
///
/// https://spec.matrix.org/v1.19/client-server-api/#presence
public enum PresenceState: String, Sendable {
    case online
    /// Idle.
    case unavailable
    case offline
}

/// What is known of one user's presence. Times are in milliseconds since 1970.
struct UserPresence: Sendable, Equatable {
    /// Since this long without activity a user is idle.
    static let idleAfterMilliseconds: Int64 = 5 * 60_000
    /// A client that has not asked for so long, and waits for no answer either, has gone.
    static let offlineAfterMilliseconds: Int64 = 45_000
    /// For this long after an activity the user counts as active, and nobody is told of further ones.
    static let activeForMilliseconds: Int64 = 60_000

    var state = PresenceState.offline
    var statusMessage: String?
    var lastActiveAt: Int64 = 0
    /// Until when a client has shown itself; a sync that waits shows itself until its wait is over.
    var seenUntil: Int64 = 0
    /// The serial of the last change that others are told of.
    var serial: Int64 = 0

    /// Something the user did: he is there.
    mutating func noteActivity(at now: Int64) {
        lastActiveAt = now
        seenUntil = max(seenUntil, now)
        state = .online
    }

    /// What the user said himself.
    mutating func set(_ new: PresenceState, message: String?, at now: Int64) {
        statusMessage = message
        lastActiveAt = now
        seenUntil = max(seenUntil, now)
        state = new
    }

    /// A client asks for news with `set_presence`.
    mutating func noteSync(_ wanted: PresenceState, until: Int64, at now: Int64) {
        guard wanted != .offline else { return }
        seenUntil = max(seenUntil, until)
        switch (state, wanted) {
        case (.offline, .online):
            state = .online
            lastActiveAt = now
        case (.offline, .unavailable): state = .unavailable
        default: break
        }
    }

    /// What time alone changes.
    mutating func expire(at now: Int64) {
        if state != .offline, now - seenUntil > Self.offlineAfterMilliseconds {
            state = .offline
        } else if state == .online, now - lastActiveAt > Self.idleAfterMilliseconds {
            state = .unavailable
        }
    }

    func isCurrentlyActive(at now: Int64) -> Bool {
        state == .online && now - lastActiveAt <= Self.activeForMilliseconds
    }
}
