import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// Reading what is no longer in memory, without asking who may see it: for the readers of the stream, who ask.
extension RoomService {
    /// Events in the range (`after` exclusive, `upTo` inclusive), the earliest first; of more than `limit` the latest.
    public func storedEvents(
        of room: Room, after: StreamPosition, upTo: StreamPosition, limit: Int
    ) async throws -> [RoomEvent] {
        try await database.read { store in
            let records = try store.timeline(
                of: room.number, after: after, before: upTo.next, limit: limit, direction: .backward)
            return try RoomEvent.load(records.reversed(), roomID: room.roomID, from: store)
        }
    }

    /// Events in any thread in the range (`after` exclusive, `upTo` inclusive), the earliest first; of more than
    /// `limit` the latest.
    public func storedThreadedEvents(
        of room: Room, after: StreamPosition, upTo: StreamPosition, limit: Int
    ) async throws -> [RoomEvent] {
        guard after < upTo else { return [] }
        return try await database.read { store in
            let records = try store.threadedEvents(in: room.number, after: after, upTo: upTo, limit: limit)
            return try RoomEvent.load(records.reversed(), roomID: room.roomID, from: store)
        }
    }

    /// The latest wanted events in the range, the earliest first. Looks at a bounded number of them.
    public func latestStoredEvents(
        of room: Room, after: StreamPosition, upTo: StreamPosition, limit: Int, isWanted: (RoomEvent) -> Bool
    ) async throws -> [RoomEvent] {
        var found: [RoomEvent] = []
        var end = upTo
        var block = limit
        while found.count < limit {
            let events = try await storedEvents(of: room, after: after, upTo: end, limit: block)
            found = events.filter(isWanted) + found
            guard let first = events.first, events.count == block, block < 5_000 else { break }
            end = StreamPosition(first.position.rawValue - 1)
            block *= 4
        }
        return Array(found.suffix(limit))
    }

    /// The event at a position, from memory when it is there; nil when it has been deleted.
    public func event(at position: StreamPosition, in room: Room) async throws -> RoomEvent? {
        let present = room.read { view in view.timeline.last { $0.position == position } }
        if let present { return present }
        return try await storedEvents(of: room, at: [position]).first
    }

    /// Those of the events at these positions that are there and in the room.
    public func storedEvents(of room: Room, at positions: [StreamPosition]) async throws -> [RoomEvent] {
        try await database.read { store in
            let records = try positions.compactMap { try store.event(at: $0) }.filter { $0.room == room.number }
            return try RoomEvent.load(records, roomID: room.roomID, from: store)
        }
    }

    /// The user's member events in the room, the earliest first.
    public func storedMemberships(of userID: UserID, in room: Room) async throws -> [RoomEvent] {
        try await database.read { store in
            let tuple = StateTuple(EventType.roomMember, userID.string)
            return try RoomEvent.load(
                store.stateHistory(of: room.number, tuple: tuple), roomID: room.roomID, from: store)
        }
    }

    public func storedStateChanges(
        of room: Room, after: StreamPosition, upTo: StreamPosition
    ) async throws -> [RoomEvent] {
        try await database.read { store in
            try RoomEvent.load(
                store.stateChanges(of: room.number, after: after, upTo: upTo), roomID: room.roomID, from: store)
        }
    }

    /// Who sent an event; nil when there is no such event here.
    public func sender(of eventID: EventID) async throws -> UserID? {
        try await database.read { store in
            guard let record = try store.event(eventID), let room = try store.room(record.room) else { return nil }
            return try RoomEvent.load(record, roomID: room.roomID, from: store).sender
        }
    }

    public func visibility(of room: Room, userID: UserID) async throws -> EventVisibility {
        try await database.read { store in
            try EventVisibility(room: room.number, roomID: room.roomID, userID: userID, store: store)
        }
    }
}
