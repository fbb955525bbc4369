import MatrixEvents
import MatrixIdentifiers

public struct RoomRecord: Sendable, Equatable {
    public let number: RoomNumber
    public let roomID: RoomID
    public let version: String
    /// Whether the room stands in the public directory.
    public let isListed: Bool

    public init(number: RoomNumber, roomID: RoomID, version: String, isListed: Bool) {
        self.number = number
        self.roomID = roomID
        self.version = version
        self.isListed = isListed
    }
}

/// A user's present relation to a room.
public struct MembershipRecord: Sendable, Equatable {
    public let room: RoomNumber
    public let roomID: RoomID
    public let membership: Membership
    /// Since when the user has had this membership; a new display name does not change it.
    public let position: StreamPosition
    /// The room's latest event that is not after the user's own leave.
    public let latestEvent: StreamPosition
    /// The room's latest change that is not after the user's own leave: an event or a receipt.
    public let latestChange: StreamPosition
    public let isForgotten: Bool

    public init(
        room: RoomNumber, roomID: RoomID, membership: Membership, position: StreamPosition,
        latestEvent: StreamPosition, latestChange: StreamPosition, isForgotten: Bool
    ) {
        self.room = room
        self.roomID = roomID
        self.membership = membership
        self.position = position
        self.latestEvent = latestEvent
        self.latestChange = latestChange
        self.isForgotten = isForgotten
    }
}

public struct AliasRecord: Sendable, Equatable {
    public let alias: RoomAlias
    public let room: RoomNumber
    public let creator: UserID

    public init(alias: RoomAlias, room: RoomNumber, creator: UserID) {
        self.alias = alias
        self.room = room
        self.creator = creator
    }
}

/// How far a user has read a room.
public struct ReceiptRecord: Sendable, Equatable {
    public let userID: UserID
    /// `m.read` or `m.read.private`.
    public let type: String
    /// Nil for an unthreaded receipt.
    public let threadID: String?
    public let eventID: EventID
    public let eventPosition: StreamPosition
    /// Milliseconds since 1970.
    public let timestamp: Int64
    /// When the receipt itself was set.
    public let position: StreamPosition

    public init(
        userID: UserID, type: String, threadID: String?, eventID: EventID, eventPosition: StreamPosition,
        timestamp: Int64, position: StreamPosition
    ) {
        self.userID = userID
        self.type = type
        self.threadID = threadID
        self.eventID = eventID
        self.eventPosition = eventPosition
        self.timestamp = timestamp
        self.position = position
    }
}

/// Rooms, who is in them, their names in the directory, and receipts.
public protocol RoomReader {
    func room(_ roomID: RoomID) throws -> RoomRecord?
    func room(_ number: RoomNumber) throws -> RoomRecord?
    func memberships(of userID: UserID) throws -> [MembershipRecord]
    func membership(of userID: UserID, in room: RoomNumber) throws -> MembershipRecord?

    func alias(_ alias: RoomAlias) throws -> AliasRecord?
    func aliases(of room: RoomNumber) throws -> [AliasRecord]
    /// Every room, in the order in which they were made.
    func rooms() throws -> [RoomRecord]
    /// The rooms in the public directory.
    func listedRooms() throws -> [RoomRecord]

    func receipts(in room: RoomNumber) throws -> [ReceiptRecord]
    func receipt(of userID: UserID, in room: RoomNumber, type: String, threadID: String?) throws -> ReceiptRecord?
}

public protocol RoomWriter: RoomReader {
    func insertRoom(_ roomID: RoomID, version: String) throws -> RoomNumber
    func setListed(_ isListed: Bool, room: RoomNumber) throws
    func setMembership(_ membership: Membership, of userID: UserID, in room: RoomNumber, at: StreamPosition) throws
    func setForgotten(_ userID: UserID, room: RoomNumber) throws
    func insertAlias(_ alias: AliasRecord) throws
    func deleteAlias(_ alias: RoomAlias) throws
    func setReceipt(_ receipt: ReceiptRecord, in room: RoomNumber) throws
}
