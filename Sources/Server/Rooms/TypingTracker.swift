import HomeserverStore
import MatrixIdentifiers
import ServerEnvironment
import Synchronization

/// Who is typing where. Kept in memory: a restart stops everybody.
///
/// https://spec.matrix.org/v1.19/client-server-api/#typing-notifications
public final class TypingTracker: Sendable {
    private struct RoomTyping {
        /// Until when, in milliseconds since 1970.
        var users: [UserID: Int64] = [:]
        /// The serial of the latest change.
        var serial: Int64
    }

    private struct State {
        var rooms: [RoomNumber: RoomTyping] = [:]
        var serial: Int64
        var observers: [@Sendable (RoomNumber, Int64, Bool) -> Void] = []
    }

    /// A client that goes away stops typing after this long, whatever it asked for.
    public static let maximumTimeoutMilliseconds: Int64 = 120_000
    private static let maximumUsersInRoom = 100
    /// Above it, rooms where nobody types any more are forgotten, though some client may not have heard of it.
    private static let maximumRooms = 20_000

    private let environment: ServerEnvironment
    /// Serials up to this one are of earlier runs, whose typing is over.
    public let firstSerial: Int64
    private let state: Mutex<State>

    init(environment: ServerEnvironment) {
        self.environment = environment
        // Serials of an earlier run are smaller, so tokens from before a restart stay valid.
        firstSerial = environment.timestamp
        state = Mutex(State(serial: firstSerial))
    }

    /// The serial of the latest change anywhere.
    public var serial: Int64 { state.withLock { $0.serial } }

    /// `observer` is told the room, the new serial and whether anybody is typing there, at every change before
    /// ``serial`` says so. It must not call back.
    public func addObserver(_ observer: @escaping @Sendable (RoomNumber, Int64, Bool) -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    public func start(_ userID: UserID, in room: Room, timeoutMilliseconds: Int64) {
        let timeout = min(max(timeoutMilliseconds, 1), Self.maximumTimeoutMilliseconds)
        let deadline = environment.timestamp + timeout
        change(room.number) { users in
            let isNew = users[userID] == nil
            guard !isNew || users.count < Self.maximumUsersInRoom else { return false }
            users[userID] = deadline
            return isNew
        }
    }

    public func stop(_ userID: UserID, in room: Room) {
        change(room.number) { $0.removeValue(forKey: userID) != nil }
    }

    /// Ends what has run out. Called once a second.
    public func expire() {
        let now = environment.timestamp
        let due = state.withLock { state in
            state.rooms.filter { $0.value.users.values.contains { $0 <= now } }.map(\.key)
        }
        for room in due {
            change(room) { users in
                let before = users.count
                users = users.filter { $0.value > now }
                return users.count != before
            }
        }
    }

    /// The latest change in each room where somebody types or did so.
    public struct LatestChange: Sendable {
        public let room: RoomNumber
        public let serial: Int64
        /// Whether anybody is typing there now.
        public let isAnyone: Bool
    }

    public var latestChanges: [LatestChange] {
        state.withLock { state in
            state.rooms.map { LatestChange(room: $0.key, serial: $0.value.serial, isAnyone: !$0.value.users.isEmpty) }
        }
    }

    /// Who is typing in the room, when that has changed after `serial`; in the order of their IDs.
    public func users(in room: RoomNumber, changedAfter serial: Int64) -> [UserID]? {
        state.withLock { state in
            guard let typing = state.rooms[room], typing.serial > serial else { return nil }
            return typing.users.keys.sorted()
        }
    }

    private func change(_ room: RoomNumber, _ body: (inout [UserID: Int64]) -> Bool) {
        state.withLock { state in
            var typing = state.rooms[room] ?? RoomTyping(serial: 0)
            guard body(&typing.users) else { return }
            typing.serial = state.serial + 1
            state.rooms[room] = typing
            if state.rooms.count > Self.maximumRooms { state.rooms = state.rooms.filter { !$0.value.users.isEmpty } }
            // With the lock held, so that nobody reads a serial of which the observer does not know yet: a sync token
            // with it would skip the change. The observer does not ask back.
            for observer in state.observers { observer(room, typing.serial, !typing.users.isEmpty) }
            state.serial = typing.serial
        }
    }
}
