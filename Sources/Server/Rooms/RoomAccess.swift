import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules

/// How much of a room a user may read.
public enum RoomAccess: Sendable {
    /// As it is now: members, and anybody in a world-readable room.
    case present
    /// As it was when the user left.
    case until(StreamPosition)
}

extension RoomService {
    /// - Throws: `M_FORBIDDEN` when the user may read nothing of the room, or it does not exist.
    public func access(to roomID: RoomID, userID: UserID) async throws -> (Room, RoomAccess) {
        guard let room = try await registry.room(roomID) else { throw Self.notInRoom }
        let (member, visibility) = room.read { view in
            (view.state[EventType.roomMember, userID.string], view.state[EventType.roomHistoryVisibility])
        }
        if member?.pdu.membership == .join { return (room, .present) }
        if visibility?.content["history_visibility"]?.stringValue == HistoryVisibility.worldReadable.rawValue {
            return (room, .present)
        }
        guard let member, [.leave, .ban].contains(member.pdu.membership) else { throw Self.notInRoom }
        let (record, history) = try await database.read { store in
            (
                try store.membership(of: userID, in: room.number),
                try RoomEvent.load(
                    store.stateHistory(of: room.number, tuple: StateTuple(EventType.roomMember, userID.string)),
                    roomID: roomID, from: store)
            )
        }
        // What ended the last time in the room: a later ban shows nothing more. Who was only invited was never in it.
        guard record?.isForgotten == false,
            let lastJoin = history.lastIndex(where: { $0.pdu.membership == .join }),
            history.indices.contains(lastJoin + 1)
        else { throw Self.notInRoom }
        return (room, .until(history[lastJoin + 1].position))
    }

    /// Whether the user may read anything of the room.
    public func isReadable(_ roomID: RoomID, by userID: UserID) async throws -> Bool {
        do {
            _ = try await access(to: roomID, userID: userID)
            return true
        } catch let error as MatrixError where error.code == .forbidden {
            return false
        }
    }

    /// The events of a room's state that the user may read: the present ones, or those of when he left.
    public func state(of roomID: RoomID, userID: UserID, at position: StreamPosition? = nil) async throws -> StateMap {
        let (room, access) = try await access(to: roomID, userID: userID)
        switch (access, position) {
        case (.present, nil): return room.read { $0.state }
        case (.present, .some(let position)): return try await storedState(of: room, at: position)
        case (.until(let leave), let position):
            return try await storedState(of: room, at: min(leave, position ?? leave))
        }
    }

    public func storedState(of room: Room, at position: StreamPosition) async throws -> StateMap {
        StateMap(
            try await database.read { store in
                try RoomEvent.load(store.state(of: room.number, at: position), roomID: room.roomID, from: store)
            })
    }

    /// Who is in the room, for its members.
    public func joinedMembers(of roomID: RoomID, userID: UserID) async throws -> [RoomEvent] {
        try await joinedRoom(roomID, userID: userID).read { view in
            view.state.events(ofType: EventType.roomMember).filter { $0.pdu.membership == .join }
        }
    }

    public func joinedRooms(of userID: UserID) async throws -> [RoomID] {
        try await database.read { try $0.memberships(of: userID) }
            .filter { $0.membership == .join }.map(\.roomID)
    }
}
