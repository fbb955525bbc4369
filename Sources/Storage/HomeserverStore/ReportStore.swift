import MatrixIdentifiers

/// What a user has told the operators about a room, an event or a user.
public struct ReportRecord: Sendable, Equatable {
    /// 0 before it is stored; later ones have higher numbers.
    public let number: Int64
    public let reporter: UserID
    public let roomID: RoomID?
    public let eventID: EventID?
    public let userID: UserID?
    public let reason: String
    /// Milliseconds since 1970.
    public let createdAt: Int64

    public init(
        number: Int64 = 0, reporter: UserID, roomID: RoomID? = nil, eventID: EventID? = nil, userID: UserID? = nil,
        reason: String, createdAt: Int64
    ) {
        self.number = number
        self.reporter = reporter
        self.roomID = roomID
        self.eventID = eventID
        self.userID = userID
        self.reason = reason
        self.createdAt = createdAt
    }
}

/// Reports that wait for an operator.
public protocol ReportReader {
    /// The latest first.
    /// - Parameter before: only those with a lower number; nil for the latest of all.
    func reports(before: Int64?, limit: Int) throws -> [ReportRecord]
    func reportCount(by reporter: UserID) throws -> Int
}

public protocol ReportWriter: ReportReader {
    /// Keeps the report and forgets the oldest beyond `maximumCount`.
    func insertReport(_ report: ReportRecord, maximumCount: Int) throws
    func deleteReport(_ number: Int64) throws
}
