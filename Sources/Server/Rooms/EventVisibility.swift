import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

/// Which events of a room one user may see.
///
/// https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
public struct EventVisibility: Sendable {
    private struct Entry<Value: Sendable>: Sendable {
        let position: StreamPosition
        let value: Value
    }

    /// What the room's history visibility and the user's membership became, the earliest first.
    private let visibilities: [Entry<HistoryVisibility>]
    private let memberships: [Entry<Membership>]

    init(room: RoomNumber, roomID: RoomID, userID: UserID, store: any StoreReader) throws {
        func history(_ tuple: StateTuple) throws -> [RoomEvent] {
            try RoomEvent.load(store.stateHistory(of: room, tuple: tuple), roomID: roomID, from: store)
        }
        visibilities = try history(StateTuple(EventType.roomHistoryVisibility)).map { event in
            Entry(position: event.position, value: Self.visibility(event))
        }
        memberships = try history(StateTuple(EventType.roomMember, userID.string)).map { event in
            Entry(position: event.position, value: event.pdu.membership ?? .leave)
        }
    }

    private static func visibility(_ event: RoomEvent) -> HistoryVisibility {
        event.content["history_visibility"]?.stringValue.flatMap(HistoryVisibility.init) ?? .shared
    }

    /// Whether a user who is in the room sees all of its history, as in most rooms; spares looking at each event.
    public static func isEverythingVisibleToMembers(of view: RoomView) -> Bool {
        // One that has been redacted does not say any more whether there was another before it.
        guard let event = view.state[EventType.roomHistoryVisibility], event.replaced == nil,
            event.redactedBecause == nil
        else { return false }
        return [.shared, .worldReadable].contains(visibility(event))
    }

    /// The user's membership just after the event at `position`.
    public func membership(at position: StreamPosition) -> Membership? {
        memberships.last { $0.position <= position }?.value
    }

    /// When the user left after he had last been in the room; nil while he is in it, and if he never was.
    public var leftAt: StreamPosition? {
        guard let lastJoin = memberships.lastIndex(where: { $0.value == .join }),
            memberships.indices.contains(lastJoin + 1)
        else { return nil }
        return memberships[lastJoin + 1].position
    }

    /// Whether the user was in the room at some time up to a position.
    func hasJoined(before position: StreamPosition) -> Bool {
        memberships.contains { $0.position <= position && $0.value == .join }
    }

    public func isVisible(_ event: RoomEvent) -> Bool { isVisible(at: event.position) }

    /// Whether the user may see the event at `position`.
    public func isVisible(at position: StreamPosition) -> Bool {
        let hasJoinedSince = memberships.contains { $0.position >= position && $0.value == .join }
        // An event that changes what decides is seen by whoever may see it before or after the change.
        let before = StreamPosition(position.rawValue - 1)
        return [before, position].contains { moment in
            HistoryVisibility.isVisible(
                visibilityAtEvent: visibilities.last { $0.position <= moment }?.value ?? .shared,
                membershipAtEvent: memberships.last { $0.position <= moment }?.value,
                hasJoinedSince: hasJoinedSince)
        }
    }
}
