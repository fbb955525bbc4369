import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules
import ServerEnvironment
import Synchronization

/// The rooms in memory; others are loaded when somebody asks for them.
///
/// A command of the writer that touches a room loads it here first. So a room that a reader finds missing has no
/// command in flight, and what the reader loads from a view that begins after that is complete: unless the writer was
/// quicker, and then the writer's room stands.
final class RoomRegistry: Sendable {
    private struct Rooms {
        var byID: [RoomID: Room] = [:]
        var byNumber: [RoomNumber: Room] = [:]
    }

    private let rooms = Mutex(Rooms())
    /// What all rooms in memory may take together, as far as it can be helped.
    private static let byteBudget = 64 << 20
    /// A room that was used so lately stays: whoever is reading it or loading it has long finished by then.
    private static let graceMilliseconds: Int64 = 60_000

    private let database: any HomeserverDatabase
    private let environment: ServerEnvironment

    init(database: any HomeserverDatabase, environment: ServerEnvironment) {
        self.database = database
        self.environment = environment
    }

    // MARK: For readers

    func room(_ roomID: RoomID) async throws -> Room? {
        if let room = present({ $0.byID[roomID] }) { return room }
        let loaded = try await database.read { store in
            try store.room(roomID).map { try Self.load($0, from: store) }
        }
        return loaded.map(keep)
    }

    func room(_ number: RoomNumber) async throws -> Room? {
        if let room = present({ $0.byNumber[number] }) { return room }
        let loaded = try await database.read { store in
            try store.room(number).map { try Self.load($0, from: store) }
        }
        return loaded.map(keep)
    }

    /// Loads those of the rooms that are not in memory, in one go.
    func load(_ numbers: [RoomNumber]) async throws {
        let missing = rooms.withLock { rooms in numbers.filter { rooms.byNumber[$0] == nil } }
        guard !missing.isEmpty else { return }
        let loaded = try await database.read { store in
            try missing.compactMap { try store.room($0) }.map { try Self.load($0, from: store) }
        }
        for room in loaded { _ = keep(room) }
    }

    // MARK: For commands of the writer

    func room(_ roomID: RoomID, in context: WriteContext) throws -> Room? {
        if let room = present({ $0.byID[roomID] }) { return room }
        guard let record = try context.store.room(roomID) else { return nil }
        return keep(try Self.load(record, from: context.store))
    }

    /// A room that the writer has just made. It is taken out again if the command fails.
    func insert(_ room: Room, in context: WriteContext) {
        context.onRollback { self.remove(room) }
        _ = keep(room)
    }

    /// Lets go of the rooms that nobody has used for longest, until the rest is within the budget.
    ///
    /// A command, so that no other command is holding a room meanwhile.
    func evictUnused(in context: WriteContext) {
        let all = rooms.withLock { Array($0.byNumber.values) }.sorted { $0.lastUsedAt < $1.lastUsedAt }
        var excess = all.reduce(0) { $0 + $1.read { $0.byteCount } } - Self.byteBudget
        let limit = environment.timestamp - Self.graceMilliseconds
        for room in all where excess > 0 && room.lastUsedAt < limit {
            excess -= room.read { $0.byteCount }
            remove(room)
        }
    }

    var size: (count: Int, byteCount: Int) {
        let all = rooms.withLock { Array($0.byNumber.values) }
        return (all.count, all.reduce(0) { $0 + $1.read { $0.byteCount } })
    }

    private func present(_ find: (Rooms) -> Room?) -> Room? {
        let room = rooms.withLock { find($0) }
        room?.touch(at: environment.timestamp)
        return room
    }

    private func keep(_ room: Room) -> Room {
        room.touch(at: environment.timestamp)
        return rooms.withLock { rooms in
            if let present = rooms.byNumber[room.number] { return present }
            rooms.byID[room.roomID] = room
            rooms.byNumber[room.number] = room
            return room
        }
    }

    /// Lets go of a room whose stored form has changed.
    func remove(_ number: RoomNumber) {
        rooms.withLock { rooms in
            guard let room = rooms.byNumber.removeValue(forKey: number) else { return }
            rooms.byID[room.roomID] = nil
        }
    }

    private func remove(_ room: Room) {
        rooms.withLock { rooms in
            rooms.byID[room.roomID] = nil
            rooms.byNumber[room.number] = nil
        }
    }

    private static func load(_ record: RoomRecord, from store: any StoreReader) throws -> Room {
        guard let rules = RoomVersionRules.named(record.version) else {
            throw UnsupportedRoomVersion(version: record.version)
        }
        let state = StateMap(
            try RoomEvent.load(store.currentState(of: record.number), roomID: record.roomID, from: store))
        let limit = RoomView.loadedTimelineCount
        let records = try store.timeline(
            of: record.number, after: .zero, before: StreamPosition(.max), limit: limit, direction: .backward)
        let timeline = try RoomEvent.load(records.reversed(), roomID: record.roomID, from: store)
        let isWhole = timeline.count < limit
        let start = isWhole ? StreamPosition.zero : StreamPosition(timeline[0].position.rawValue - 1)
        let view = RoomView(
            state: state, timeline: timeline, timelineStart: start, receipts: try store.receipts(in: record.number))
        var head = RoomHead(latestEvent: timeline.last?.eventID, depth: timeline.last?.pdu.depth ?? 0)
        // The next event follows the last one also when that has been deleted.
        if let run = try store.latestExpiredRun(of: record.number), run.last > timeline.last?.position ?? .zero {
            head = RoomHead(latestEvent: run.lastEvent, depth: run.lastDepth)
        }
        return Room(number: record.number, roomID: record.roomID, rules: rules, view: view, head: head)
    }

    /// A room in the store that this release cannot read.
    struct UnsupportedRoomVersion: Error {
        let version: String
    }
}
