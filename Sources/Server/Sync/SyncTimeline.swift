import HomeserverStore
import MatrixEvents
import Rooms

/// The stretch of a room's history that one sync answer shows.
struct SyncTimeline: Sendable {
    /// The earliest first.
    let events: [RoomEvent]
    /// The user's membership at each event; nil where it is known to be `join`.
    let memberships: [Membership?]
    /// Whether events were left out between the client's token and the first of these.
    let isLimited: Bool
    /// Just before the first event: where `/messages` goes on backward.
    let start: StreamPosition
    /// Whether there may be events after ``start`` that the user may not see: their state is the room's all the same.
    let mayHideEvents: Bool

    /// - Parameters:
    ///   - events: those that may be shown, the earliest first; more than `limit` if there are more.
    ///   - beginsAnew: whether the client is to let go of what it knew of the room, which may overlap with this.
    init(
        _ events: [RoomEvent], limit: Int, after: StreamPosition, end: StreamPosition, visibility: EventVisibility?,
        beginsAnew: Bool = false
    ) {
        self.events = Array(events.suffix(limit))
        isLimited = events.count > limit || beginsAnew
        mayHideEvents = visibility != nil
        memberships = self.events.map { event in
            visibility.map { $0.membership(at: event.position) ?? .leave } ?? .join
        }
        if isLimited || after == .zero {
            // Of a timeline that shows nothing, all is before its start.
            start = self.events.first.map { StreamPosition($0.position.rawValue - 1) } ?? end
        } else {
            start = after
        }
    }
}
