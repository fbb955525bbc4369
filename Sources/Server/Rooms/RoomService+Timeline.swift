import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// Reading what was said.
extension RoomService {
    /// A stretch of a room's history.
    public struct TimelinePage: Sendable {
        /// In the direction that was asked for.
        public let events: [RoomEvent]
        /// Where the next page begins; nil at the end of what there is.
        public let end: StreamPosition?
    }

    /// A page of events that the user may see.
    ///
    /// Positions stand between events: `from` is just after the event of that position.
    ///
    /// - Parameter isWanted: the client's filter.
    public func messages(
        in roomID: RoomID, userID: UserID, from: StreamPosition?, to: StreamPosition?, direction: TimelineDirection,
        limit: Int, isWanted: @escaping @Sendable (RoomEvent) -> Bool
    ) async throws -> TimelinePage {
        let (room, access) = try await access(to: roomID, userID: userID)
        var end = position
        if case .until(let leave) = access { end = min(end, leave) }
        let start = from ?? (direction == .backward ? end : .zero)
        // The range of positions, both ends exclusive.
        let after = direction == .backward ? to ?? .zero : start
        let before = direction == .backward ? min(start, end).next : min(to ?? end, end).next
        return try await database.read { [erasedUsers] store in
            try Self.page(
                of: room, userID: userID, after: after, before: before, direction: direction, limit: limit,
                erasedUsers: erasedUsers, isWanted: isWanted, store)
        }
    }

    /// Events are read in blocks until enough of them are visible and wanted, but no more than this many: a filter
    /// that nothing passes must not read a whole history in one request.
    private static let maximumScannedEvents = 5_000

    private static func page(
        of room: Room, userID: UserID, after: StreamPosition, before: StreamPosition, direction: TimelineDirection,
        limit: Int, erasedUsers: ErasedUsers, isWanted: (RoomEvent) -> Bool, _ store: any StoreReader
    ) throws -> TimelinePage {
        let visibility = try EventVisibility(
            room: room.number, roomID: room.roomID, userID: userID, store: store)
        var (after, before) = (after, before)
        guard limit > 0 else {
            return TimelinePage(
                events: [], end: direction == .backward ? StreamPosition(before.rawValue - 1) : after)
        }
        var events: [RoomEvent] = []
        var scannedCount = 0
        while true {
            let records = try store.timeline(
                of: room.number, after: after, before: before, limit: max(limit, 50), direction: direction)
            for record in records {
                let event = try RoomEvent.load(record, roomID: room.roomID, from: store)
                scannedCount += 1
                switch direction {
                case .backward: before = event.position
                case .forward: after = event.position
                }
                guard visibility.isVisible(event), isWanted(event) else { continue }
                events.append(visibility.shown(event, in: room, erasedUsers: erasedUsers))
                if events.count >= limit { break }
            }
            let isFull = events.count >= limit || scannedCount >= maximumScannedEvents
            if isFull || records.count < max(limit, 50) {
                let more =
                    try isFull
                    && !store.timeline(of: room.number, after: after, before: before, limit: 1, direction: direction)
                        .isEmpty
                let next = direction == .backward ? StreamPosition(before.rawValue - 1) : after
                return TimelinePage(events: events, end: more ? next : nil)
            }
        }
    }

    /// One event that the user may see.
    public func event(_ eventID: EventID, in roomID: RoomID, userID: UserID) async throws -> RoomEvent {
        let notFound = MatrixError.notFound("there is no such event, or you may not see it")
        guard let (room, access) = try? await access(to: roomID, userID: userID) else { throw notFound }
        let event = try await database.read { [erasedUsers] store -> RoomEvent? in
            guard let record = try store.event(eventID), record.room == room.number else { return nil }
            let event = try RoomEvent.load(record, roomID: room.roomID, from: store)
            let visibility = try EventVisibility(
                room: room.number, roomID: room.roomID, userID: userID, store: store)
            return visibility.isVisible(event)
                ? visibility.shown(event, in: room, erasedUsers: erasedUsers) : nil
        }
        guard let event else { throw notFound }
        if case .until(let leave) = access, event.position > leave { throw notFound }
        return event
    }

    /// An event with its neighbours and the room's state at the last of them.
    public struct EventContext: Sendable {
        public let event: RoomEvent
        /// The nearest first.
        public let before: TimelinePage
        public let after: TimelinePage
        public let state: StateMap

        /// Where to go on backward from.
        public var start: StreamPosition {
            before.end ?? StreamPosition((before.events.last ?? event).position.rawValue - 1)
        }
        /// Where to go on forward from.
        public var end: StreamPosition { after.end ?? (after.events.last ?? event).position }
    }

    /// - Parameter limit: of the events before and after together.
    public func context(
        of eventID: EventID, in roomID: RoomID, userID: UserID, limit: Int,
        isWanted: @escaping @Sendable (RoomEvent) -> Bool
    ) async throws -> EventContext {
        let event = try await event(eventID, in: roomID, userID: userID)
        let before = try await messages(
            in: roomID, userID: userID, from: StreamPosition(event.position.rawValue - 1), to: nil,
            direction: .backward, limit: limit / 2, isWanted: isWanted)
        let after = try await messages(
            in: roomID, userID: userID, from: event.position, to: nil, direction: .forward, limit: limit - limit / 2,
            isWanted: isWanted)
        let state = try await state(of: roomID, userID: userID, at: (after.events.last ?? event).position)
        return EventContext(event: event, before: before, after: after, state: state)
    }
}
