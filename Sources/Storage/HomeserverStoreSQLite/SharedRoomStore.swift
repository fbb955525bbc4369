import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: SharedRoomWriter {
    private static let sharedMemberships = """
        memberships AS mine JOIN memberships AS theirs ON theirs.room = mine.room AND theirs.user_id = :other
        WHERE mine.user_id = :user AND mine.membership = 'join' AND theirs.membership = 'join'
        """

    package func sharedRooms(
        of userID: UserID, with other: UserID, after: RoomNumber, limit: Int
    ) throws -> [RoomRecord] {
        try rows(
            """
            SELECT rooms.* FROM rooms WHERE room IN (SELECT mine.room FROM \(Self.sharedMemberships))
                AND room > :after ORDER BY room LIMIT :limit
            """, ["user": userID.string, "other": other.string, "after": after.rawValue, "limit": limit]
        ).map(room(from:))
    }

    package func sharedRoomCount(of userID: UserID, with other: UserID) throws -> Int {
        try row(
            "SELECT count(*) AS count FROM \(Self.sharedMemberships)", ["user": userID.string, "other": other.string]
        )?["count"] ?? 0
    }

    package func noticesRoom(of userID: UserID) throws -> RoomID? {
        try row("SELECT room_id FROM notices_rooms WHERE user_id = ?", [userID.string])?
            .identifier("room_id", RoomID.self)
    }

    package func setNoticesRoom(_ roomID: RoomID, of userID: UserID) throws {
        try execute(
            "INSERT OR REPLACE INTO notices_rooms (user_id, room_id) VALUES (?, ?)", [userID.string, roomID.string])
    }

    package func moveAliases(from room: RoomNumber, to other: RoomNumber) throws {
        try execute("UPDATE aliases SET room = ? WHERE room = ?", [other.rawValue, room.rawValue])
    }
}
