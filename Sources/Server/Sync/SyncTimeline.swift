import HomeserverStore
import MatrixEvents
import Rooms

/// The stretch of a room's history that one sync answer shows.
struct SyncTimeline: Sendable {
    /// The earliest first.
    private(set) var events: [RoomEvent]
    /// The user's membership at each event; nil where it is known to be `join`.
    private(set) var memberships: [Membership?]
    /// Whether events were left out between the client's token and the first of these.
    private(set) var isLimited: Bool
    /// Just before the first event: where `/messages` goes on backward.
    private(set) var start: StreamPosition
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

    /// Begins later, so that a state event which is not shown takes the place of none that is: a client that applies
    /// the timeline to the state before it would put the earlier one in its place again.
    ///
    /// - Parameter changes: the latest state events after ``start``.
    mutating func beginAfterReplaced(by changes: [RoomEvent]) {
        let shown = Set(events.map(\.position))
        let hidden = Set(changes.filter { !shown.contains($0.position) }.compactMap(\.pdu.stateTuple))
        guard !hidden.isEmpty,
            let last = events.lastIndex(where: { $0.pdu.stateTuple.map(hidden.contains) ?? false })
        else { return }
        start = events[last].position
        events.removeFirst(last + 1)
        memberships.removeFirst(last + 1)
        isLimited = true
    }
}
