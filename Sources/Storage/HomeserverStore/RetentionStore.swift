import MatrixEvents
import MatrixIdentifiers

/// A stretch of a room's history that has been deleted: enough of it is kept to show that nothing else is missing.
public struct ExpiredRun: Sendable, Equatable {
    public let room: RoomNumber
    public let first: StreamPosition
    public let last: StreamPosition
    /// The event just before the stretch, which its first event followed.
    public let follows: EventID
    /// The last event of the stretch, which the next one follows.
    public let lastEvent: EventID
    /// The depth of the last event.
    public let lastDepth: Int64
    public let eventCount: Int

    public init(
        room: RoomNumber, first: StreamPosition, last: StreamPosition, follows: EventID, lastEvent: EventID,
        lastDepth: Int64, eventCount: Int
    ) {
        self.room = room
        self.first = first
        self.last = last
        self.follows = follows
        self.lastEvent = lastEvent
        self.lastDepth = lastDepth
        self.eventCount = eventCount
    }
}

/// Deleting what is old, and what was redacted.
public protocol RetentionReader {
    /// How far the room's events have been looked at by the job that deletes.
    func retentionProgress(of room: RoomNumber) throws -> StreamPosition
    func expiredRuns(of room: RoomNumber) throws -> [ExpiredRun]
    func latestExpiredRun(of room: RoomNumber) throws -> ExpiredRun?
    /// Rooms after a number, in order.
    func rooms(after: RoomNumber, limit: Int) throws -> [RoomRecord]
    /// The current state event of a room, alone.
    func currentStateEvent(_ tuple: StateTuple, in room: RoomNumber) throws -> EventRecord?
    /// Whether a state event is shown as redacted because of the redaction at `position`.
    func isNeededRedaction(_ position: StreamPosition) throws -> Bool

    /// What a redacted event said, as long as it is kept apart. Times are in milliseconds since 1970.
    func redactedOriginal(at position: StreamPosition, now: Int64) throws -> [UInt8]?
    /// Whether something is to be erased at that time.
    func hasRedactedOriginals(before milliseconds: Int64) throws -> Bool
}

public protocol RetentionWriter: RetentionReader {
    func setRetentionProgress(_ position: StreamPosition, of room: RoomNumber) throws
    /// Deletes the event with what was kept of it apart.
    func deleteEvent(at position: StreamPosition) throws
    /// Keeps a deleted stretch; one that it goes on from becomes part of it.
    func insertExpiredRun(_ run: ExpiredRun) throws

    /// - Parameter eraseAt: milliseconds since 1970.
    func insertRedactedOriginal(_ pdu: [UInt8], at position: StreamPosition, eraseAt: Int64) throws
    /// Answers how many were erased, at most `limit`.
    func eraseRedactedOriginals(before milliseconds: Int64, limit: Int) throws -> Int
}
