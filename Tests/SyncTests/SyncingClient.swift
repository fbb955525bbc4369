import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// A client that does what clients do: takes state and timelines together, and fetches what a limited timeline left
/// out.
struct SyncingClient {
    let user: TestUser
    let filter: JSONObject
    let usesStateAfter: Bool
    private(set) var since: String?
    /// The timeline of each room as event IDs, the earliest first.
    private(set) var timelines: [RoomID: [String]] = [:]
    /// Event IDs by type and state key.
    private(set) var state: [RoomID: [StateTuple: String]] = [:]

    init(_ user: TestUser, limit: Int, usesStateAfter: Bool = false) {
        self.user = user
        self.usesStateAfter = usesStateAfter
        filter = ["room": ["timeline": ["limit": .integer(Int64(limit))]]]
    }

    func answer(of server: TestServer, timeoutMilliseconds: Int64 = 0) async throws -> SyncAnswer {
        try await server.sync(
            user, since: since, filter: filter, timeoutMilliseconds: timeoutMilliseconds,
            usesStateAfter: usesStateAfter)
    }

    mutating func sync(with server: TestServer, timeoutMilliseconds: Int64 = 0) async throws {
        try await take(try await answer(of: server, timeoutMilliseconds: timeoutMilliseconds), from: server)
    }

    mutating func take(_ answer: SyncAnswer, from server: TestServer) async throws {
        for section in ["join", "leave"] {
            for member in answer.rooms(section).members {
                let roomID = try #require(RoomID(member.key))
                let room = SyncRoom(json: try #require(member.value.objectValue))
                // What the room was to a client that has left it, it does not remember.
                try await take(room, roomID, from: server)
                if section == "leave" {
                    timelines[roomID] = nil
                    state[roomID] = nil
                }
            }
        }
        // Invited again, who was in the room is so no more.
        for member in answer.rooms("invite").members {
            let roomID = try #require(RoomID(member.key))
            timelines[roomID] = nil
            state[roomID] = nil
        }
        since = answer.nextBatch
    }

    private mutating func take(_ room: SyncRoom, _ roomID: RoomID, from server: TestServer) async throws {
        let known = timelines[roomID] ?? []
        if room.isLimited {
            // Joined with what is known if it reaches so far, else a new beginning.
            let latest = try await gap(before: room, in: roomID, known: known, server) + room.eventIDs
            let overlap = known.last.flatMap { latest.lastIndex(of: $0) }
            timelines[roomID] = overlap.map { known + latest[($0 + 1)...] } ?? latest
        } else {
            timelines[roomID] = known + room.eventIDs
        }
        for event in room.state { take(state: event, roomID) }
        if usesStateAfter {
            for event in room.stateAfter { take(state: event, roomID) }
        } else {
            for event in room.timeline { take(state: event, roomID) }
        }
    }

    private mutating func take(state event: JSONValue, _ roomID: RoomID) {
        guard let type = event["type"]?.stringValue, let key = event["state_key"]?.stringValue else { return }
        state[roomID, default: [:]][StateTuple(type, key)] = event["event_id"]?.stringValue
    }

    /// What `/messages` says stands between the events that are known and a limited timeline.
    private func gap(
        before room: SyncRoom, in roomID: RoomID, known: [String], _ server: TestServer
    ) async throws -> [String] {
        var from = try #require(SyncToken(room.previousBatch)).position
        var events: [String] = []
        while true {
            let page = try await server.rooms.messages(
                in: roomID, userID: user.userID, from: from, to: nil, direction: .backward, limit: 7,
                isWanted: { _ in true })
            for event in page.events {
                events.append(event.eventID.string)
                if event.eventID.string == known.last { return events.reversed() }
            }
            guard let end = page.end else { break }
            from = end
        }
        return events.reversed()
    }
}

extension TestServer {
    /// The whole timeline of a room as its store has it.
    func storedTimeline(_ roomID: RoomID) async throws -> [String] {
        try await database.read { store throws in
            let room = try #require(try store.room(roomID))
            return try store.timeline(
                of: room.number, after: .zero, before: StreamPosition(.max), limit: 100_000, direction: .forward
            ).map(\.eventID.string)
        }
    }

    func presentState(_ roomID: RoomID) async throws -> [StateTuple: String] {
        let events = try await rooms.room(roomID).read { $0.state.all }
        return Dictionary(
            uniqueKeysWithValues: events.compactMap { event in
                event.stateKey.map { (StateTuple(event.type, $0), event.eventID.string) }
            })
    }
}
