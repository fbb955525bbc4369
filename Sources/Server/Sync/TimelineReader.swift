import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// Reads stretches of rooms' timelines as one user may see them.
struct TimelineReader: Sendable {
    let rooms: RoomService
    let userID: UserID
    let settings: UserSettings

    /// The latest events in the range that the user may see and wants.
    ///
    /// - Parameters:
    ///   - since: nil for the whole of the room.
    ///   - joinedAt: since when the user has been in the room; nil when he is not in it any more.
    ///   - beginsAnew: whether the client is to let go of what it knew of the room.
    func timeline(
        of room: Room, since: StreamPosition?, upTo end: StreamPosition, joinedAt: StreamPosition?, limit: Int,
        filter: EventFilter = EventFilter(), beginsAnew: Bool = false
    ) async throws -> SyncTimeline {
        let (present, presentStart, isPlain) = room.read { view in
            (view.timeline, view.timelineStart, EventVisibility.isEverythingVisibleToMembers(of: view))
        }
        var visibility: EventVisibility?
        if !isPlain || joinedAt == nil { visibility = try await rooms.visibility(of: room, userID: userID) }
        func isWanted(_ event: RoomEvent) -> Bool {
            guard filter.passes(room: room.roomID), filter.passes(event), visibility?.isVisible(event) != false else {
                return false
            }
            return event.stateKey != nil || !settings.ignoredUsers.contains(event.sender)
        }
        let after = since ?? .zero
        var events = present.filter { $0.position > after && $0.position <= end && isWanted($0) }
        if after < presentStart, events.count <= limit {
            // What is kept in memory does not reach back far enough.
            events = try await rooms.latestStoredEvents(
                of: room, after: after, upTo: end, limit: limit + 1, isWanted: isWanted)
        }
        // Of what stands before the user's join, it is not plain what he was to the room.
        if visibility == nil, let joinedAt, let first = events.suffix(limit).first, first.position < joinedAt {
            visibility = try await rooms.visibility(of: room, userID: userID)
        }
        let erasedUsers = rooms.erasedUsers
        if !erasedUsers.isEmpty, events.contains(where: { erasedUsers.position(of: $0.sender) != nil }) {
            let reader =
                if let visibility { visibility } else { try await rooms.visibility(of: room, userID: userID) }
            events = events.map { reader.shown($0, in: room, erasedUsers: erasedUsers) }
        }
        return SyncTimeline(
            events, limit: limit, after: after, end: end, visibility: visibility, beginsAnew: beginsAnew)
    }
}

extension RoomService {
    /// The latest state event of each tuple that changed in the range (`after` exclusive, `upTo` inclusive), the
    /// earliest first. From memory unless an event of the range has lost its place to a later one.
    func changedState(
        of room: Room, after: StreamPosition, upTo end: StreamPosition
    ) async throws -> [RoomEvent] {
        guard after < end else { return [] }
        let present = room.read { view -> [RoomEvent]? in
            let changes = view.stateChanges(after: after)
            guard let last = changes.last, last.position > end else { return changes }
            if after >= view.timelineStart {
                let events = view.timeline.filter { $0.stateKey != nil && $0.position > after && $0.position <= end }
                return StateMap(events).all.sorted { $0.position < $1.position }
            }
            let took = changes.contains { $0.position > end && ($0.replaced != nil || $0.redactedBecause != nil) }
            return took ? nil : changes.filter { $0.position <= end }
        }
        if let present { return present }
        return try await storedStateChanges(of: room, after: after, upTo: end)
    }

    /// The room's state just after `end`, the earliest event first.
    func wholeState(of room: Room, at end: StreamPosition) async throws -> [RoomEvent] {
        // The present state, if nothing in it is later than what is asked for.
        let present = room.read { view -> [RoomEvent]? in
            view.stateChanges(after: end).isEmpty ? view.state.all : nil
        }
        let events = if let present { present } else { try await storedState(of: room, at: end).all }
        return events.sorted { $0.position < $1.position }
    }
}
