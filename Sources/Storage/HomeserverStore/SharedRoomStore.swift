import MatrixIdentifiers

/// Who meets whom, and where the server itself speaks to a user.
public protocol SharedRoomReader {
    /// Rooms that both users are in, in the order of their numbers.
    func sharedRooms(of userID: UserID, with other: UserID, after: RoomNumber, limit: Int) throws -> [RoomRecord]
    func sharedRoomCount(of userID: UserID, with other: UserID) throws -> Int
    /// The room in which the server talks to the user.
    func noticesRoom(of userID: UserID) throws -> RoomID?
}

public protocol SharedRoomWriter: SharedRoomReader {
    func setNoticesRoom(_ roomID: RoomID, of userID: UserID) throws
    /// Has all aliases of one room lead to another.
    func moveAliases(from room: RoomNumber, to other: RoomNumber) throws
}
