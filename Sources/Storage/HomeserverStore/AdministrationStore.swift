import MatrixIdentifiers

/// How far the deletion of a room has come. A room that has one can never be joined again.
public struct RoomDeletionRecord: Sendable, Equatable {
    public enum Stage: String, Sendable {
        /// Everybody is taken out.
        case emptying
        /// What was said is deleted.
        case purging
        case done
    }

    public let room: RoomNumber
    public var stage: Stage
    /// Milliseconds since 1970.
    public let requestedAt: Int64
    /// Milliseconds since 1970; nil while it goes on.
    public var finishedAt: Int64?
    public var removedUserCount: Int
    /// Rows of all tables.
    public var purgedRowCount: Int

    public init(
        room: RoomNumber, stage: Stage, requestedAt: Int64, finishedAt: Int64? = nil, removedUserCount: Int = 0,
        purgedRowCount: Int = 0
    ) {
        self.room = room
        self.stage = stage
        self.requestedAt = requestedAt
        self.finishedAt = finishedAt
        self.removedUserCount = removedUserCount
        self.purgedRowCount = purgedRowCount
    }
}

/// A room as an operator sees it in a list.
public struct RoomSummaryRecord: Sendable, Equatable {
    public let record: RoomRecord
    /// The `m.room.name` event as it is stored.
    public let namePDU: [UInt8]?
    public let joinedCount: Int
    public let latestPosition: StreamPosition
    /// Nil unless somebody wants the room deleted.
    public let deletion: RoomDeletionRecord.Stage?

    public init(
        record: RoomRecord, namePDU: [UInt8]?, joinedCount: Int, latestPosition: StreamPosition,
        deletion: RoomDeletionRecord.Stage?
    ) {
        self.record = record
        self.namePDU = namePDU
        self.joinedCount = joinedCount
        self.latestPosition = latestPosition
        self.deletion = deletion
    }
}

/// What only operators do.
public protocol AdministrationReader {
    func roomDeletion(_ room: RoomNumber) throws -> RoomDeletionRecord?
    func unfinishedRoomDeletions() throws -> [RoomDeletionRecord]
    /// Rooms in the order in which they were made.
    func roomSummaries(after room: RoomNumber?, limit: Int) throws -> [RoomSummaryRecord]
    func roomSummary(_ room: RoomNumber) throws -> RoomSummaryRecord?
    /// Users who are in the room, invited to it or knocking.
    func presentUsers(in room: RoomNumber, limit: Int) throws -> [UserID]
    /// Whether everybody who was ever in the room has left and forgotten it, or has no account any more.
    func isForgottenByAll(_ room: RoomNumber) throws -> Bool
}

public protocol AdministrationWriter: AdministrationReader {
    func setRoomDeletion(_ deletion: RoomDeletionRecord) throws
    /// Deletes up to about `limit` rows of what a room has said and done, and answers how many there were; 0 when only
    /// what remains is left: the create event, and of each user the latest event of his membership, so that clients
    /// which come back later still learn that they are out.
    func purgeRows(of room: RoomNumber, limit: Int) throws -> Int
}
