import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

extension RoomService {
    /// Of the events that the user may see, the one whose timestamp is nearest to a given one in a direction.
    ///
    /// Timestamps are what senders claim, so they need not grow with the history; the answer is exact all the same.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidtimestamp_to_event
    ///
    /// - Parameter timestamp: milliseconds since 1970; an event at that very moment is found in both directions.
    public func event(
        nearestTo timestamp: Int64, _ direction: TimelineDirection, in roomID: RoomID, userID: UserID
    ) async throws -> (eventID: EventID, originServerTimestamp: Int64) {
        let (room, access) = try await access(to: roomID, userID: userID)
        var end = position
        if case .until(let leave) = access { end = min(end, leave) }
        let found = try await database.read { [end] store in
            try Self.event(nearestTo: timestamp, direction, in: room, userID: userID, upTo: end, store)
        }
        guard let found else {
            let direction = direction == .backward ? "backward" : "forward"
            throw MatrixError.notFound("there is no event from \(timestamp) on in \(direction) direction")
        }
        return (found.eventID, found.originServerTimestamp)
    }

    /// How many events are looked at, block by block, until one is visible.
    private static let scannedBlocks = [10, 1_000, 20_000]

    private static func event(
        nearestTo timestamp: Int64, _ direction: TimelineDirection, in room: Room, userID: UserID,
        upTo end: StreamPosition, _ store: any StoreReader
    ) throws -> EventRecord? {
        let visibility = try EventVisibility(
            room: room.number, roomID: room.roomID, userID: userID, store: store)
        let edge = StreamPosition(direction == .backward ? .max : -1)
        var from = EventTime(position: edge, originServerTimestamp: timestamp)
        for block in scannedBlocks {
            let times = try store.times(of: room.number, from: from, direction: direction, upTo: end, limit: block)
            if let found = times.first(where: { visibility.isVisible(at: $0.position) }) {
                return try store.event(at: found.position)
            }
            guard times.count == block, let last = times.last else { return nil }
            from = last
        }
        return nil
    }
}
