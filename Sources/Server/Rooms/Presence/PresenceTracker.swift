import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import ServerEnvironment
import Synchronization

/// Who is there. Kept in memory: after a restart everybody is offline until a client shows itself.
///
/// Others are told of a change of state or status message, never of activity alone.
public final class PresenceTracker: Sendable {
    private struct State {
        var users: [UserID: UserPresence] = [:]
        var serial: Int64
        var observers: [@Sendable (UserID) -> Void] = []
    }

    /// Above it, those who have been away for longest are forgotten, status message and all.
    private static let maximumUsers = 50_000
    private static let maximumMessageBytes = 1_024

    /// Nothing is tracked or told unless the operator wants it: it costs work with every sync of everybody, and tells
    /// everybody when somebody is at his desk.
    public let isEnabled: Bool
    private let environment: ServerEnvironment
    private let nextExpiry = Atomic<Int64>(0)
    private static let expiryIntervalMilliseconds: Int64 = 5_000
    private let state: Mutex<State>

    init(isEnabled: Bool, environment: ServerEnvironment) {
        self.isEnabled = isEnabled
        self.environment = environment
        // Serials of an earlier run are smaller, so tokens from before a restart stay valid.
        state = Mutex(State(serial: isEnabled ? environment.timestamp : 0))
    }

    /// The serial of the latest change of anybody; 0 when presence is off.
    public var serial: Int64 { state.withLock { $0.serial } }

    /// `observer` is told who has changed, after ``serial`` says so.
    public func addObserver(_ observer: @escaping @Sendable (UserID) -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    public func set(_ presence: PresenceState, message: String?, of userID: UserID) {
        let message = message.map { String(decoding: $0.utf8.prefix(Self.maximumMessageBytes), as: UTF8.self) }
        change(userID) { $0.set(presence, message: message, at: $1) }
    }

    /// The user has done something that a machine does not do for him.
    public func noteActivity(of userID: UserID) { change(userID) { $0.noteActivity(at: $1) } }

    /// - Parameter timeoutMilliseconds: for how long the sync will wait.
    public func noteSync(of userID: UserID, wanting presence: PresenceState, timeoutMilliseconds: Int64) {
        change(userID) { $0.noteSync(presence, until: $1 + timeoutMilliseconds, at: $1) }
    }

    /// Lets time pass for everybody. Called some times a second; looks at everybody every few seconds.
    public func expire() {
        let now = environment.timestamp
        guard isEnabled, now >= nextExpiry.load(ordering: .relaxed) else { return }
        nextExpiry.store(now + Self.expiryIntervalMilliseconds, ordering: .relaxed)
        let due = state.withLock { state in
            state.users.filter { user in
                var later = user.value
                later.expire(at: now)
                return later != user.value
            }.map(\.key)
        }
        for userID in due { change(userID) { $0.expire(at: $1) } }
    }

    private func change(_ userID: UserID, _ body: (inout UserPresence, Int64) -> Void) {
        guard isEnabled else { return }
        let now = environment.timestamp
        let observers = state.withLock { state -> [@Sendable (UserID) -> Void] in
            let before = state.users[userID] ?? UserPresence()
            var after = before
            body(&after, now)
            let isNews = after.state != before.state || after.statusMessage != before.statusMessage
            if isNews {
                state.serial += 1
                after.serial = state.serial
            }
            state.users[userID] = after
            if state.users.count > Self.maximumUsers { Self.forgetSome(of: &state.users) }
            return isNews ? state.observers : []
        }
        for observer in observers { observer(userID) }
    }

    /// A tenth at a time, since each forgetting looks at all.
    private static func forgetSome(of users: inout [UserID: UserPresence]) {
        let away = users.sorted { ($0.value.seenUntil, $0.key.string) < ($1.value.seenUntil, $1.key.string) }
        for (userID, _) in away.prefix(maximumUsers / 10) { users[userID] = nil }
    }

    // MARK: Reading

    /// Who has changed after `serial`, in the order of their IDs. Without one, everybody who is not offline.
    public func users(changedAfter serial: Int64?) -> [UserID] {
        state.withLock { state in
            if let serial, state.serial <= serial { return [] }
            return state.users.filter { _, presence in
                serial.map { presence.serial > $0 } ?? (presence.state != .offline)
            }.keys.sorted()
        }
    }

    /// The content of the user's `m.presence`; nil when nothing is known of him.
    public func content(of userID: UserID) -> JSONObject? {
        let now = environment.timestamp
        guard let presence = state.withLock({ $0.users[userID] }) else { return nil }
        var content: JSONObject = [
            "presence": .string(presence.state.rawValue),
            "currently_active": .bool(presence.isCurrentlyActive(at: now)),
        ]
        if presence.lastActiveAt > 0 { content["last_active_ago"] = .integer(max(0, now - presence.lastActiveAt)) }
        content["status_msg"] = presence.statusMessage.map { .string($0) }
        return content
    }
}

extension RoomService {
    /// Whether two users are in a room together, and so may know whether the other is there.
    public func sharesRoom(_ userID: UserID, with other: UserID) async throws -> Bool {
        try await database.read { try $0.sharedRoomCount(of: userID, with: other) > 0 }
    }

    /// Those of `others` whose presence the user may see, in their order.
    public func users(_ others: [UserID], sharingRoomWith userID: UserID) async throws -> [UserID] {
        guard !others.isEmpty else { return [] }
        return try await database.read { store in
            try others.filter { try $0 != userID && store.sharedRoomCount(of: userID, with: $0) > 0 }
        }
    }
}
