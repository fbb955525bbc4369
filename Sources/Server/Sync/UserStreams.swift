import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import ServerEnvironment
import Synchronization

/// The users who are syncing, and which of them are in which room: whom an event wakes.
///
/// A user's stream is loaded in an order that misses nothing. It enters the table first, so changes of membership
/// reach it; then the store is read and its rooms enter the index; then the store is read once more, for what became
/// durable in between. What comes later finds it in the index.
final class UserStreams: StreamObserver {
    private struct Tables {
        var streams: [UserID: (stream: UserStream, loading: Task<Void, any Error>)] = [:]
        var inRoom: [RoomNumber: [ObjectIdentifier: UserStream]] = [:]
    }

    private let database: any HomeserverDatabase
    private let environment: ServerEnvironment
    private let typing: TypingTracker
    private let tables = Mutex(Tables())
    private let noted: Atomic<Int64>
    private let deadlines = WaitDeadlines()
    private let wakes = WakeQueue()

    init(
        database: any HomeserverDatabase, environment: ServerEnvironment, typing: TypingTracker,
        position: StreamPosition
    ) {
        self.database = database
        self.environment = environment
        self.typing = typing
        noted = Atomic(position.rawValue)
    }

    /// Every change up to here has been noted in the streams of those who may see it.
    var position: StreamPosition { StreamPosition(noted.load(ordering: .acquiring)) }

    // MARK: Streams

    func stream(of userID: UserID) async throws -> UserStream {
        let (stream, loading) = tables.withLock { tables in
            if let present = tables.streams[userID] { return present }
            let stream = UserStream(userID: userID, now: environment.timestamp, wakes: wakes)
            let entry = (stream: stream, loading: Task { try await self.load(stream) })
            tables.streams[userID] = entry
            return entry
        }
        do {
            try await loading.value
        } catch {
            forget(stream)
            throw error
        }
        stream.touch(now: environment.timestamp)
        return stream
    }

    private func load(_ stream: UserStream) async throws {
        for pass in 1...2 {
            let (memberships, accountData) = try await database.read { [userID = stream.userID] store in
                (try store.memberships(of: userID), try store.latestAccountDataPositions(of: userID))
            }
            stream.merge(memberships, accountData: accountData)
            guard pass == 1 else {
                // What others' keys were before the rooms entered the index, only the store knows.
                stream.noteStoredDeviceLists(at: try await database.read { try $0.streamPosition() })
                return
            }
            let rooms = stream.joinedRooms
            tables.withLock { tables in
                for room in rooms { tables.inRoom[room, default: [:]][ObjectIdentifier(stream)] = stream }
            }
            stream.noteTyping(typing.latestChanges)
        }
    }

    private func forget(_ stream: UserStream) {
        tables.withLock { Self.forget(stream, in: &$0) }
    }

    private static func forget(_ stream: UserStream, in tables: inout Tables) {
        tables.streams[stream.userID] = nil
        for room in stream.joinedRooms {
            tables.inRoom[room]?[ObjectIdentifier(stream)] = nil
            if tables.inRoom[room]?.isEmpty == true { tables.inRoom[room] = nil }
        }
    }

    /// Forgets the streams of users who have not synced for ten minutes. Called now and then.
    func forgetUnused() {
        let moment = environment.timestamp - 600_000
        tables.withLock { tables in
            for (stream, _) in tables.streams.values where stream.isUnused(since: moment) {
                Self.forget(stream, in: &tables)
            }
        }
    }

    // MARK: Noting and waking

    func streamAdvanced(to position: StreamPosition, changes: [StreamChange]) {
        var woken: [ObjectIdentifier: UserStream] = [:]
        for change in changes {
            for stream in note(change) { woken[ObjectIdentifier(stream)] = stream }
        }
        noted.store(position.rawValue, ordering: .releasing)
        for stream in woken.values { stream.wakeAll() }
    }

    /// Notes one change with everybody who may see it, and answers them.
    private func note(_ change: StreamChange) -> [UserStream] {
        switch change {
        case .event(let room, let roomID, let position, let target):
            let change = target
            let target = target.flatMap { target in
                tables.withLock { $0.streams[target.userID]?.stream }.map { ($0, target.membership) }
            }
            if let (stream, membership) = target, membership == .join { index(stream, in: room, isMember: true) }
            var audience = members(of: room)
            for stream in audience { stream.noteChange(in: room, at: position, isEvent: true) }
            if let change { note(change, at: position, with: audience + [target?.0].compactMap { $0 }) }
            if let (stream, membership) = target {
                stream.noteMembership(membership, in: room, roomID: roomID, at: position)
                if membership != .join { index(stream, in: room, isMember: false) }
                if membership == .join, typing.users(in: room, changedAfter: 0)?.isEmpty == false {
                    stream.noteTypingAtJoin(in: room)
                }
                audience.append(stream)
            }
            return audience
        case .receipt(let room, let position, let audience):
            let streams = audience.map { stream(ofLoaded: $0) } ?? members(of: room)
            for stream in streams { stream.noteChange(in: room, at: position, isEvent: false) }
            return streams
        case .accountData(let userID, let room, let position):
            let streams = stream(ofLoaded: userID)
            for stream in streams { stream.noteAccountData(room: room, at: position) }
            return streams
        case .toDevice(let userID, _):
            return stream(ofLoaded: userID)
        case .deviceList(let userID, let rooms, let audience, let position):
            let others = audience == nil ? rooms.flatMap(members) : []
            let streams = others + stream(ofLoaded: audience ?? userID)
            for stream in streams { stream.noteDeviceList(of: userID, at: position) }
            return streams
        case .forgotten(let userID, let room):
            // Nothing new for anybody who waits.
            for stream in stream(ofLoaded: userID) { stream.noteForgotten(room) }
            return []
        }
    }

    /// Whose device lists the members have to look at, or need not follow any more, when somebody comes or goes.
    private func note(
        _ change: StreamChange.MembershipChange, at position: StreamPosition, with streams: [UserStream]
    ) {
        for stream in streams {
            switch change.membership {
            case .join, .invite:
                if stream.userID != change.userID {
                    stream.noteDeviceList(of: change.userID, at: position)
                } else if change.membership == .join {
                    stream.noteStoredDeviceLists(at: position)
                }
            case .leave, .ban: stream.noteStoredDeviceLists(at: position)
            case .knock: break
            }
        }
    }

    func noteTyping(in room: RoomNumber, serial: Int64, isAnyone: Bool) {
        let streams = members(of: room)
        for stream in streams { stream.noteTyping(in: room, serial: serial, isAnyone: isAnyone) }
        for stream in streams { stream.wakeAll() }
    }

    /// Wakes those who are in a room with a user whose presence has changed.
    func notePresence(of userID: UserID) {
        var woken: [ObjectIdentifier: UserStream] = [:]
        for stream in stream(ofLoaded: userID) {
            for room in stream.joinedRooms where woken.count < Self.maximumWokenByPresence {
                for member in members(of: room) { woken[ObjectIdentifier(member)] = member }
            }
        }
        for stream in woken.values where stream.userID != userID { stream.wakeAll() }
    }

    /// Beyond about so many, the others learn of it with their next sync.
    private static let maximumWokenByPresence = 2_000

    private func stream(ofLoaded userID: UserID) -> [UserStream] {
        tables.withLock { $0.streams[userID]?.stream }.map { [$0] } ?? []
    }

    private func members(of room: RoomNumber) -> [UserStream] {
        tables.withLock { $0.inRoom[room].map { Array($0.values) } } ?? []
    }

    private func index(_ stream: UserStream, in room: RoomNumber, isMember: Bool) {
        tables.withLock { tables in
            tables.inRoom[room, default: [:]][ObjectIdentifier(stream)] = isMember ? stream : nil
            if tables.inRoom[room]?.isEmpty == true { tables.inRoom[room] = nil }
        }
    }

    // MARK: Waiting

    /// Waits for something new after `version`, at the longest until `deadline` (milliseconds since 1970).
    ///
    /// - Parameter register: is given what ends the wait.
    /// - Returns: what the caller has to finish when it has answered.
    func wait(
        _ stream: UserStream, after version: Int64, until deadline: Int64,
        register: (@escaping @Sendable () -> Void) -> Void = { _ in }
    ) async -> WakeTurn {
        var key: WaitDeadlines.Key?
        let turn = await stream.wait(after: version) { number in
            key = deadlines.add(deadline) { stream.wake(number) }
            register { stream.wake(number) }
        }
        if let key { deadlines.remove(key) }
        return turn
    }

    /// The syncs that wait.
    var waitCount: Int { deadlines.count }

    /// Ends the waits whose time has run out. Called ten times a second.
    func expireWaits() { deadlines.expire(now: environment.timestamp) }
}

extension SyncService {
    /// The syncs that wait.
    package var waitCount: Int { streams.waitCount }
}
