import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules
import Synchronization

/// What the server keeps in memory of a user who is syncing: where something new is, and who waits for it.
package final class UserStream: Sendable {
    /// The user's side of one room.
    struct RoomEntry: Sendable {
        let roomID: RoomID
        var membership: Membership
        /// Since when.
        var membershipPosition: StreamPosition
        /// The latest event that the user may see.
        var latestEvent: StreamPosition
        /// The latest event or receipt that the user may see.
        var latestChange: StreamPosition
        var latestAccountData: StreamPosition = .zero
        var latestTyping: Int64 = 0
        var isForgotten = false
        var counts = NotificationCounts()
        /// What lists of rooms are filtered by, as far as it has been asked for.
        var facts = RoomFacts()
    }

    private struct State {
        var rooms: [RoomNumber: RoomEntry] = [:]
        var latestGlobalAccountData: StreamPosition = .zero
        var latestRoomAccountData: StreamPosition = .zero
        var tags: (accountData: StreamPosition, value: [RoomNumber: Set<ByteExactString>])?
        var lazyMembers = LazyMembers()
        /// Rooms in which somebody is typing.
        var typingRooms: Set<RoomNumber> = []
        /// Grows with every change; a wait that began before the last change ends at once.
        var version: Int64 = 0
        /// The waits by their numbers; nil while one is only on its way.
        var waiters: [Int64: WakeQueue.Waiter?] = [:]
        var nextWaiter: Int64 = 0
        var lastUsed: Int64
        var settings: (accountData: StreamPosition, value: UserSettings)?
        var deviceLists = DeviceListLog()
    }

    let userID: UserID
    private let wakes: WakeQueue
    private let state: Mutex<State>

    package init(userID: UserID, now: Int64, wakes: WakeQueue = WakeQueue()) {
        self.userID = userID
        self.wakes = wakes
        state = Mutex(State(lastUsed: now))
    }

    // MARK: Reading

    package var version: Int64 { state.withLock { $0.version } }

    /// The rooms in which something may be new for a client that has got to `token`; all of them without one.
    ///
    /// - Parameter typingBefore: the serial up to which typing is of an earlier run of the server.
    func rooms(changedAfter token: SyncToken?, typingBefore firstSerial: Int64) -> [(RoomNumber, RoomEntry)] {
        state.withLock { state in
            guard let token else { return Array(state.rooms) }
            let typingIsOver = token.typingSerial <= firstSerial ? token.typingRooms : []
            return state.rooms.filter { number, room in
                max(room.latestChange, room.latestAccountData, room.membershipPosition) > token.position
                    || room.latestTyping > token.typingSerial || typingIsOver.contains(number)
            }.map { ($0.key, $0.value) }
        }
    }

    func hasGlobalAccountData(after position: StreamPosition) -> Bool {
        state.withLock { $0.latestGlobalAccountData > position }
    }

    /// What the user's account data decides, unless it has changed since it was kept.
    var settings: UserSettings? {
        state.withLock { state in
            state.settings.flatMap { $0.accountData == state.latestGlobalAccountData ? $0.value : nil }
        }
    }

    /// - Parameter position: of the account data just before `settings` were read.
    /// - Returns: the settings, with the version by which events are counted.
    func keep(_ settings: UserSettings, readAt position: StreamPosition) -> UserSettings {
        state.withLock { state in
            let settings = settings.following(state.settings?.value)
            state.settings = (position, settings)
            return settings
        }
    }

    var globalAccountDataPosition: StreamPosition { state.withLock { $0.latestGlobalAccountData } }

    func counts(in room: RoomNumber) -> NotificationCounts? { state.withLock { $0.rooms[room]?.counts } }

    func setCounts(_ counts: NotificationCounts, in room: RoomNumber) {
        state.withLock { $0.rooms[room]?.counts = counts }
    }

    // MARK: What lists and lazy loading need

    /// All rooms, also those that have been forgotten.
    var allRooms: [ListedRoom] {
        state.withLock { state in state.rooms.map { ListedRoom(number: $0.key, entry: $0.value) } }
    }

    func entry(of room: RoomNumber) -> RoomEntry? { state.withLock { $0.rooms[room] } }

    func keep(_ facts: [RoomNumber: RoomFacts]) {
        state.withLock { state in for (room, facts) in facts { state.rooms[room]?.facts = facts } }
    }

    /// The tags of the user's rooms, unless some room's account data has changed since they were kept.
    var tags: [RoomNumber: Set<ByteExactString>]? {
        state.withLock { state in
            state.tags.flatMap { $0.accountData == state.latestRoomAccountData ? $0.value : nil }
        }
    }

    /// - Parameter position: ``roomAccountDataPosition`` just before the tags were read.
    func keep(tags: [RoomNumber: Set<ByteExactString>], readAt position: StreamPosition) {
        state.withLock { $0.tags = (position, tags) }
    }

    var roomAccountDataPosition: StreamPosition { state.withLock { $0.latestRoomAccountData } }

    func withLazyMembers<Value: Sendable>(_ body: (inout LazyMembers) -> Value) -> Value {
        state.withLock { body(&$0.lazyMembers) }
    }

    /// Rooms in which somebody is typing, in order, so that the same rooms are written in the same way.
    var typingRooms: [RoomNumber] {
        state.withLock { $0.typingRooms.isEmpty ? [] : $0.typingRooms.sorted { $0.rawValue < $1.rawValue } }
    }

    var joinedRooms: [RoomNumber] {
        state.withLock { $0.rooms.filter { $0.value.membership == .join }.map(\.key) }
    }

    /// What the user has to hear of others' keys.
    func deviceListNews(after: StreamPosition, upTo: StreamPosition) -> DeviceListLog.News {
        state.withLock { $0.deviceLists.news(after: after, upTo: upTo) }
    }

    // MARK: Noting

    func noteDeviceList(of userID: UserID, at position: StreamPosition) {
        state.withLock { state in
            state.deviceLists.noteChanged(userID, at: position)
            state.version += 1
        }
    }

    /// Notes that somebody has come or gone, or may have; see ``DeviceListLog``.
    func noteStoredDeviceLists(at position: StreamPosition) {
        state.withLock { state in
            state.deviceLists.noteStored(at: position)
            state.version += 1
        }
    }

    /// Takes what the store says; what has been noted meanwhile is newer and stays.
    func merge(_ memberships: [MembershipRecord], accountData: [RoomNumber?: StreamPosition]) {
        state.withLock { state in
            for record in memberships {
                var entry =
                    state.rooms[record.room]
                    ?? RoomEntry(
                        roomID: record.roomID, membership: record.membership, membershipPosition: record.position,
                        latestEvent: record.latestEvent, latestChange: record.latestChange,
                        isForgotten: record.isForgotten)
                if record.position >= entry.membershipPosition {
                    entry.membership = record.membership
                    entry.membershipPosition = record.position
                    entry.isForgotten = record.isForgotten
                }
                entry.latestEvent = max(entry.latestEvent, record.latestEvent)
                entry.latestChange = max(entry.latestChange, record.latestChange)
                state.rooms[record.room] = entry
            }
            for (room, position) in accountData {
                if let room {
                    state.latestRoomAccountData = max(state.latestRoomAccountData, position)
                    guard let latest = state.rooms[room]?.latestAccountData else { continue }
                    state.rooms[room]?.latestAccountData = max(latest, position)
                } else {
                    state.latestGlobalAccountData = max(state.latestGlobalAccountData, position)
                }
            }
            state.version += 1
        }
    }

    /// - Parameter isEvent: whether the change is an event and not a receipt.
    func noteChange(in room: RoomNumber, at position: StreamPosition, isEvent: Bool) {
        state.withLock { state in
            guard let latest = state.rooms[room]?.latestChange else { return }
            if isEvent { state.rooms[room]?.latestEvent = position }
            state.rooms[room]?.latestChange = max(latest, position)
            state.version += 1
        }
    }

    func noteMembership(_ membership: Membership, in room: RoomNumber, roomID: RoomID, at position: StreamPosition) {
        state.withLock { state in
            var entry =
                state.rooms[room]
                ?? RoomEntry(
                    roomID: roomID, membership: membership, membershipPosition: position, latestEvent: position,
                    latestChange: position)
            entry.membership = membership
            entry.membershipPosition = position
            entry.latestEvent = max(entry.latestEvent, position)
            entry.latestChange = max(entry.latestChange, position)
            entry.isForgotten = false
            entry.counts = NotificationCounts()
            if membership != .join { state.typingRooms.remove(room) }
            state.rooms[room] = entry
            state.version += 1
        }
    }

    func noteForgotten(_ room: RoomNumber) { state.withLock { $0.rooms[room]?.isForgotten = true } }

    /// Notes what happened before the stream was there, as far as it is in rooms that the user is in.
    func noteTyping(_ changes: [TypingTracker.LatestChange]) {
        state.withLock { state in
            for change in changes where state.rooms[change.room]?.membership == .join {
                guard let latest = state.rooms[change.room]?.latestTyping, change.serial > latest else { continue }
                state.rooms[change.room]?.latestTyping = change.serial
                if change.isAnyone { state.typingRooms.insert(change.room) }
            }
        }
    }

    /// Notes that somebody types in a room that the user has just joined: the answer that has the room tells him.
    func noteTypingAtJoin(in room: RoomNumber) { state.withLock { _ = $0.typingRooms.insert(room) } }

    func noteAccountData(room: RoomNumber?, at position: StreamPosition) {
        state.withLock { state in
            if let room {
                state.rooms[room]?.latestAccountData = position
                state.latestRoomAccountData = position
            } else {
                state.latestGlobalAccountData = position
            }
            state.version += 1
        }
    }

    /// - Parameter isAnyone: whether anybody is typing there now.
    func noteTyping(in room: RoomNumber, serial: Int64, isAnyone: Bool) {
        state.withLock { state in
            state.rooms[room]?.latestTyping = serial
            if isAnyone { state.typingRooms.insert(room) } else { state.typingRooms.remove(room) }
            state.version += 1
        }
    }

    // MARK: Waiting

    private static let maximumWaiters = 1_000

    /// Waits until something has been noted after `version` was read, ``wake(_:)`` is called or the task is cancelled.
    ///
    /// - Parameter register: is given the number by which ``wake(_:)`` knows this wait.
    /// - Returns: what the caller has to finish when it has answered.
    package func wait(after version: Int64, register: (Int64) -> Void) async -> WakeTurn {
        // Known before it can be woken: whoever wakes it on its way takes it out of the table.
        let number = state.withLock { state in
            state.nextWaiter += 1
            if state.waiters.count < Self.maximumWaiters { state.waiters.updateValue(nil, forKey: state.nextWaiter) }
            return state.nextWaiter
        }
        register(number)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.version == version, !Task.isCancelled, state.waiters[number] != nil else {
                        state.waiters[number] = nil
                        return false
                    }
                    state.waiters.updateValue(continuation, forKey: number)
                    return true
                }
                if !mustWait { continuation.resume(returning: .none) }
            }
        } onCancel: {
            wake(number)
        }
    }

    /// The waits that have begun and not ended.
    package var waitCount: Int { state.withLock { $0.waiters.values.count { $0 != nil } } }

    /// Ends one wait, because its time has run out or its client has gone.
    package func wake(_ number: Int64) {
        state.withLock { $0.waiters.removeValue(forKey: number) ?? nil }?.resume(returning: .none)
    }

    /// Ends all waits, each in its turn, because something is new; also those that will begin with a version from before this: they saw
    /// that something was noted, but not yet what.
    package func wakeAll() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.version += 1
            return state.waiters
        }
        wakes.wake(waiters.values.compactMap { $0 })
    }

    func touch(now: Int64) { state.withLock { $0.lastUsed = now } }

    func isUnused(since moment: Int64) -> Bool {
        state.withLock { $0.waiters.isEmpty && $0.lastUsed < moment }
    }
}
