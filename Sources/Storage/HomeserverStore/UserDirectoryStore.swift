import MatrixIdentifiers

/// Users by the terms of their names, and who may see whom.
public protocol UserDirectoryReader {
    /// By which rules the terms were made; 0 before there are any.
    func directoryFormatVersion() throws -> Int64
    /// Users whose account or display name has changed since their terms were set.
    func directoryChanges(limit: Int) throws -> [UserID]
    /// Users with a term in the range that has `value` where `mask` is set.
    func directoryUsers(terms: ClosedRange<UInt32>, value: UInt32, mask: UInt32, limit: Int) throws -> [UserID]

    /// The rooms that the user is in, the latest joined first.
    func joinedRooms(of userID: UserID, limit: Int) throws -> [RoomNumber]
    func joinedUsers(in room: RoomNumber, limit: Int) throws -> [UserID]
    /// Whether there is a room in which both are.
    func shareRoom(_ first: UserID, _ second: UserID) throws -> Bool
    /// Whether anybody may see who is in the room: it stands in the public directory, anybody may join it or read it.
    func isPublic(_ room: RoomNumber) throws -> Bool
}

public protocol UserDirectoryWriter: UserDirectoryReader {
    /// Sets by which terms the user is found; with none he is not. Takes him off the list of changes.
    func setDirectoryTerms(_ terms: [UInt32], of userID: UserID) throws
    /// Forgets all terms and puts all users on the list of changes.
    func resetDirectory(formatVersion: Int64) throws
}
