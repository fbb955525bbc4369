import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// Rooms as a whole, for the endpoints of before `/sync`.
extension RoomService {
    /// A room as a user may see it: now, or when he left.
    public struct RoomSnapshot: Sendable {
        public let roomID: RoomID
        /// Nil for somebody who only looks into a world-readable room.
        public let membership: Membership?
        /// The latest messages, the earliest first.
        public let messages: [RoomEvent]
        /// Where older messages go on from.
        public let start: StreamPosition
        public let end: StreamPosition
        public let state: [RoomEvent]
        public let isListed: Bool
        public let accountData: [AccountDataRecord]
    }

    /// - Throws: `M_FORBIDDEN` when the user may see nothing of the room.
    public func snapshot(of roomID: RoomID, viewer: Viewer, messageLimit: Int) async throws -> RoomSnapshot {
        let (room, access) = try await access(to: roomID, userID: viewer.userID)
        var end = position
        if case .until(let leave) = access { end = min(end, leave) }
        let page = try await messages(
            in: roomID, userID: viewer.userID, from: end, to: nil, direction: .backward, limit: messageLimit
        ) { $0.stateKey != nil || !viewer.ignoredUsers.contains($0.sender) }
        let state = try await state(of: roomID, userID: viewer.userID)
        let (isListed, accountData) = try await database.read { store in
            (
                try store.room(room.number)?.isListed ?? false,
                try store.accountData(of: viewer.userID, room: room.number, after: .zero)
            )
        }
        return RoomSnapshot(
            roomID: roomID, membership: room.read { $0.state.membership(of: viewer.userID) },
            messages: page.events.reversed(),
            start: page.events.last.map { StreamPosition($0.position.rawValue - 1) } ?? end, end: end,
            state: state.all.sorted { $0.position < $1.position }, isListed: isListed, accountData: accountData)
    }

    /// The event by which somebody invited the user to a room.
    public func invitation(of userID: UserID, to roomID: RoomID) async throws -> RoomEvent? {
        try await room(roomID).read { view in
            view.state[EventType.roomMember, userID.string].flatMap { $0.pdu.membership == .invite ? $0 : nil }
        }
    }

    /// The rooms that the user has to do with and has not forgotten.
    public func memberships(of userID: UserID) async throws -> [MembershipRecord] {
        try await database.read { try $0.memberships(of: userID) }.filter { !$0.isForgotten }
    }

    /// An event that the user may see, whatever its room.
    public func event(_ eventID: EventID, userID: UserID) async throws -> RoomEvent {
        let roomID = try await database.read { store in
            try store.event(eventID).flatMap { try store.room($0.room)?.roomID }
        }
        guard let roomID else { throw MatrixError.notFound("there is no such event, or you may not see it") }
        return try await event(eventID, in: roomID, userID: userID)
    }
}
