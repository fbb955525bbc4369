import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// What may be shown of a room to somebody who is not in it.
struct RoomPreview: Sendable {
    let room: PublicRoom
    let version: String
    let encryption: String?
    /// Of a room with restricted joins: whoever is in one of these may join.
    let allowedRooms: [RoomID]
    let membership: Membership?

    init(_ room: Room, userID: UserID?) {
        let view = room.read { view in
            (
                PublicRoom(roomID: room.roomID, view: view),
                view.state[EventType.roomEncryption]?.content["algorithm"]?.stringValue,
                view.state[EventType.roomJoinRules]?.content, userID.flatMap { view.state.membership(of: $0) }
            )
        }
        (self.room, encryption, membership) = (view.0, view.1, view.3)
        version = room.rules.identifier
        allowedRooms = view.2.map(RestrictedJoin.allowedRooms) ?? []
    }

    /// - Parameter joined: the rooms that the user is in; empty for somebody without a token.
    func isAccessible(joined: Set<RoomID>) -> Bool {
        if membership == .join || room.isWorldReadable { return true }
        if membership == .ban { return false }
        if membership == .invite { return true }
        switch room.joinRule {
        case "public", "knock", "knock_restricted": return true
        case "restricted": return allowedRooms.contains { joined.contains($0) }
        default: return false
        }
    }

    var json: JSONObject {
        var json = room.json
        json["room_version"] = .string(version)
        json["encryption"] = encryption.map { .string($0) }
        if !allowedRooms.isEmpty { json["allowed_room_ids"] = .array(allowedRooms.map { .string($0.string) }) }
        return json
    }
}

extension RoomService {
    /// What may be shown of a room before joining it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1room_summaryroomidoralias
    ///
    /// - Parameter userID: nil for somebody without a token.
    /// - Throws: `M_NOT_FOUND`, also for a room that the user may know nothing of.
    public func summary(of roomID: RoomID, userID: UserID?) async throws -> JSONObject {
        guard let room = try await registry.room(roomID) else { throw MatrixError.notFound("there is no such room") }
        let preview = RoomPreview(room, userID: userID)
        guard preview.isAccessible(joined: try await joinedRoomIDs(of: userID)) else {
            throw MatrixError.notFound("there is no such room")
        }
        var json = preview.json
        json["membership"] = preview.membership.map { .string($0.rawValue) }
        return json
    }

    func joinedRoomIDs(of userID: UserID?) async throws -> Set<RoomID> {
        guard let userID else { return [] }
        return Set(try await joinedRooms(of: userID))
    }

    // MARK: Rooms in common

    /// Rooms that two users are both in.
    public struct MutualRooms: Sendable {
        public let rooms: [RoomID]
        public let count: Int
        /// Where the next page begins; nil after the last.
        public let next: RoomNumber?
    }

    private static let mutualRoomsPage = 100

    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mutual_rooms
    public func mutualRooms(
        of userID: UserID, with other: UserID, after: RoomNumber = RoomNumber(0)
    ) async throws -> MutualRooms {
        try await database.read { store in
            let rooms = try store.sharedRooms(of: userID, with: other, after: after, limit: Self.mutualRoomsPage + 1)
            let page = rooms.prefix(Self.mutualRoomsPage)
            return MutualRooms(
                rooms: page.map(\.roomID), count: try store.sharedRoomCount(of: userID, with: other),
                next: rooms.count > page.count ? page.last?.number : nil)
        }
    }
}
