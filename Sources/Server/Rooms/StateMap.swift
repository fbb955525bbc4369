import MatrixEvents
import MatrixIdentifiers

/// The state of a room: one event for each type and state key, compared by bytes.
public struct StateMap: Sendable {
    private var byType: [ByteExactString: [ByteExactString: RoomEvent]] = [:]

    public init(_ events: some Sequence<RoomEvent> = []) {
        for event in events { insert(event) }
    }

    public subscript(tuple: StateTuple) -> RoomEvent? { byType[tuple.type]?[tuple.stateKey] }

    public subscript(type: String, stateKey: String = "") -> RoomEvent? {
        byType[ByteExactString(type)]?[ByteExactString(stateKey)]
    }

    /// Puts a state event in its place.
    public mutating func insert(_ event: RoomEvent) {
        guard let tuple = event.pdu.stateTuple else { return }
        byType[tuple.type, default: [:]][tuple.stateKey] = event
    }

    public mutating func remove(_ tuple: StateTuple) { byType[tuple.type]?[tuple.stateKey] = nil }

    public func events(ofType type: String) -> some Sequence<RoomEvent> {
        (byType[ByteExactString(type)] ?? [:]).values
    }

    public var all: [RoomEvent] { byType.values.flatMap { $0.values } }

    public func membership(of userID: UserID) -> Membership? {
        self[EventType.roomMember, userID.string]?.pdu.membership
    }
}
