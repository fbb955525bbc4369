import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
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
        /// The latest event or receipt that the user may see.
        var latestChange: StreamPosition
        var latestAccountData: StreamPosition = .zero
        var latestTyping: Int64 = 0
        var isForgotten = false
        var counts = NotificationCounts()
    }

    private struct State {
        var rooms: [RoomNumber: RoomEntry] = [:]
        var latestGlobalAccountData: StreamPosition = .zero
        /// Grows with every change; a wait that began before the last change ends at once.
        var version: Int64 = 0
        /// The waits by their numbers; nil while one is only on its way.
        var waiters: [Int64: CheckedContinuation<Void, Never>?] = [:]
        var nextWaiter: Int64 = 0
        var lastUsed: Int64
        var settings: (accountData: StreamPosition, value: UserSettings)?
        var deviceLists = DeviceListLog()
    }

    let userID: UserID
    private let state: Mutex<State>

    package init(userID: UserID, now: Int64) {
        self.userID = userID
        state = Mutex(State(lastUsed: now))
    }

    // MARK: Reading

    package var version: Int64 { state.withLock { $0.version } }

    /// The rooms in which something may be new for a client that has got to `token`; all of them without one.
    func rooms(changedAfter token: SyncToken?) -> [(RoomNumber, RoomEntry)] {
        state.withLock { state in
            guard let token else { return Array(state.rooms) }
            return state.rooms.filter { _, room in
                max(room.latestChange, room.latestAccountData, room.membershipPosition) > token.position
                    || room.latestTyping > token.typingSerial
            }
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
                        latestChange: record.latestChange, isForgotten: record.isForgotten)
                if record.position >= entry.membershipPosition {
                    entry.membership = record.membership
                    entry.membershipPosition = record.position
                    entry.isForgotten = record.isForgotten
                }
                entry.latestChange = max(entry.latestChange, record.latestChange)
                state.rooms[record.room] = entry
            }
            for (room, position) in accountData {
                if let room {
                    guard let latest = state.rooms[room]?.latestAccountData else { continue }
                    state.rooms[room]?.latestAccountData = max(latest, position)
                } else {
                    state.latestGlobalAccountData = max(state.latestGlobalAccountData, position)
                }
            }
            state.version += 1
        }
    }

    func noteChange(in room: RoomNumber, at position: StreamPosition) {
        state.withLock { state in
            guard let latest = state.rooms[room]?.latestChange else { return }
            state.rooms[room]?.latestChange = max(latest, position)
            state.version += 1
        }
    }

    func noteMembership(_ membership: Membership, in room: RoomNumber, roomID: RoomID, at position: StreamPosition) {
        state.withLock { state in
            var entry =
                state.rooms[room]
                ?? RoomEntry(
                    roomID: roomID, membership: membership, membershipPosition: position, latestChange: position)
            entry.membership = membership
            entry.membershipPosition = position
            entry.latestChange = max(entry.latestChange, position)
            entry.isForgotten = false
            entry.counts = NotificationCounts()
            state.rooms[room] = entry
            state.version += 1
        }
    }

    func noteForgotten(_ room: RoomNumber) { state.withLock { $0.rooms[room]?.isForgotten = true } }

    func noteAccountData(room: RoomNumber?, at position: StreamPosition) {
        state.withLock { state in
            if let room {
                state.rooms[room]?.latestAccountData = position
            } else {
                state.latestGlobalAccountData = position
            }
            state.version += 1
        }
    }

    func noteTyping(in room: RoomNumber, serial: Int64) {
        state.withLock { state in
            state.rooms[room]?.latestTyping = serial
            state.version += 1
        }
    }

    // MARK: Waiting

    private static let maximumWaiters = 1_000

    /// Waits until something has been noted after `version` was read, ``wake(_:)`` is called or the task is cancelled.
    ///
    /// - Parameter register: is given the number by which ``wake(_:)`` knows this wait.
    package func wait(after version: Int64, register: (Int64) -> Void) async {
        // Known before it can be woken: whoever wakes it on its way takes it out of the table.
        let number = state.withLock { state in
            state.nextWaiter += 1
            if state.waiters.count < Self.maximumWaiters { state.waiters.updateValue(nil, forKey: state.nextWaiter) }
            return state.nextWaiter
        }
        register(number)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.version == version, !Task.isCancelled, state.waiters[number] != nil else {
                        state.waiters[number] = nil
                        return false
                    }
                    state.waiters.updateValue(continuation, forKey: number)
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            wake(number)
        }
    }

    /// Ends one wait, because its time has run out or its client has gone.
    package func wake(_ number: Int64) {
        state.withLock { $0.waiters.removeValue(forKey: number) ?? nil }?.resume()
    }

    /// Ends all waits, because something is new; also those that will begin with a version from before this: they saw
    /// that something was noted, but not yet what.
    package func wakeAll() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.version += 1
            return state.waiters
        }
        for waiter in waiters.values { waiter?.resume() }
    }

    func touch(now: Int64) { state.withLock { $0.lastUsed = now } }

    func isUnused(since moment: Int64) -> Bool {
        state.withLock { $0.waiters.isEmpty && $0.lastUsed < moment }
    }
}
