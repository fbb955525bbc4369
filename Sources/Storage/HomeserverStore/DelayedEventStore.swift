import MatrixIdentifiers

/// An event that is to be sent later, unless its sender stays in touch (MSC4140).
public struct DelayedEventRecord: Sendable, Equatable {
    /// What became of it.
    public enum Outcome: String, Sendable {
        case sent = "send"
        case cancelled = "cancel"
    }

    /// A secret: whoever knows it may restart, send or cancel.
    public let delayID: String
    public let userID: UserID
    public let device: DeviceNumber
    public let roomID: RoomID
    public let type: String
    /// Nil for a message event.
    public let stateKey: String?
    /// JSON as bytes.
    public let content: [UInt8]
    public let delayMilliseconds: Int64
    /// Since when the delay runs: when it was made or last restarted. Milliseconds since 1970.
    public var runningSince: Int64
    /// How the client named the request, so that a repetition makes no second one.
    public let transaction: DelayedTransaction?
    /// Nil while it waits.
    public var outcome: Outcome?
    /// When it was sent or given up, in milliseconds since 1970.
    public var finalizedAt: Int64?
    public var eventID: EventID?
    /// Why it could not be sent: the error's body as JSON.
    public var error: [UInt8]?

    public struct DelayedTransaction: Sendable, Equatable {
        public let pathHash: [UInt8]
        public let id: String

        public init(pathHash: [UInt8], id: String) {
            self.pathHash = pathHash
            self.id = id
        }
    }

    public init(
        delayID: String, userID: UserID, device: DeviceNumber, roomID: RoomID, type: String, stateKey: String?,
        content: [UInt8], delayMilliseconds: Int64, runningSince: Int64, transaction: DelayedTransaction?
    ) {
        self.delayID = delayID
        self.userID = userID
        self.device = device
        self.roomID = roomID
        self.type = type
        self.stateKey = stateKey
        self.content = content
        self.delayMilliseconds = delayMilliseconds
        self.runningSince = runningSince
        self.transaction = transaction
    }

    /// When it is to be sent, in milliseconds since 1970.
    public var dueAt: Int64 { runningSince + delayMilliseconds }
}

/// Events that are to be sent later.
public protocol DelayedEventReader {
    func delayedEvent(_ delayID: String) throws -> DelayedEventRecord?
    func delayedEvent(of device: DeviceNumber, pathHash: [UInt8]) throws -> DelayedEventRecord?
    /// All of a user, in the order in which they are or were due.
    func delayedEvents(of userID: UserID) throws -> [DelayedEventRecord]
    /// Those that wait and are due, in that order.
    func dueDelayedEvents(at milliseconds: Int64, limit: Int) throws -> [DelayedEventRecord]
    /// When the next one is due, in milliseconds since 1970; nil when none waits.
    func nextDelayedEventDueAt() throws -> Int64?
}

public protocol DelayedEventWriter: DelayedEventReader {
    func insertDelayedEvent(_ event: DelayedEventRecord) throws
    /// Stores what may change of it: since when it runs, and what became of it.
    func updateDelayedEvent(_ event: DelayedEventRecord) throws
    /// Forgets those that were finalized before a time, and of one user's the oldest beyond `maximumCount`.
    func deleteFinalizedDelayedEvents(before milliseconds: Int64) throws
    func deleteFinalizedDelayedEvents(of userID: UserID, keeping maximumCount: Int) throws
}
