import MatrixIdentifiers

/// An event as it is stored.
public struct EventRecord: Sendable, Equatable {
    public let position: StreamPosition
    public let room: RoomNumber
    public let eventID: EventID
    /// The canonical JSON that servers exchange, with hashes and signatures.
    public let pdu: [UInt8]
    /// The state event that this one took the place of.
    public let replaces: StreamPosition?
    /// The redaction event, when this one has been redacted; `pdu` is then the redacted form.
    public let redactedBy: StreamPosition?
    /// How the device that sent the event knows it.
    public let transaction: TransactionRecord?
    /// As the event says, in milliseconds since 1970.
    public let originServerTimestamp: Int64
    /// The thread that the event is in; kept when it is redacted.
    public let thread: ThreadMembership?
    /// Whether other events have been shown with this one since it was written.
    public let hasAggregations: Bool

    public init(
        position: StreamPosition, room: RoomNumber, eventID: EventID, pdu: [UInt8], replaces: StreamPosition?,
        redactedBy: StreamPosition?, transaction: TransactionRecord? = nil, originServerTimestamp: Int64 = 0,
        thread: ThreadMembership? = nil, hasAggregations: Bool = false
    ) {
        self.position = position
        self.room = room
        self.eventID = eventID
        self.pdu = pdu
        self.replaces = replaces
        self.redactedBy = redactedBy
        self.transaction = transaction
        self.originServerTimestamp = originServerTimestamp
        self.thread = thread
        self.hasAggregations = hasAggregations
    }
}

/// How an event belongs to a thread.
///
/// https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts
public struct ThreadMembership: Sendable, Equatable {
    public let root: EventID
    /// 0 for a reply in the thread, 1 for an event that relates to such a reply, and so on.
    public let hops: Int

    public init(root: EventID, hops: Int) {
        self.root = root
        self.hops = hops
    }
}

/// When an event claims to have been sent.
public struct EventTime: Sendable, Equatable {
    public let position: StreamPosition
    /// Milliseconds since 1970.
    public let originServerTimestamp: Int64

    public init(position: StreamPosition, originServerTimestamp: Int64) {
        self.position = position
        self.originServerTimestamp = originServerTimestamp
    }
}

/// A transaction as its client named it.
public struct TransactionRecord: Sendable, Equatable {
    public let device: DeviceNumber
    public let id: String

    public init(device: DeviceNumber, id: String) {
        self.device = device
        self.id = id
    }
}

/// What a client's transaction became, found again when the client repeats it.
public struct TransactionKey: Hashable, Sendable {
    public let device: DeviceNumber
    /// The first 16 bytes of the SHA-256 of what the specification scopes a transaction to: the request's path.
    public let pathHash: [UInt8]

    public init(device: DeviceNumber, pathHash: [UInt8]) {
        self.device = device
        self.pathHash = pathHash
    }
}

public enum TimelineDirection: Sendable {
    /// From the later to the earlier.
    case backward
    case forward
}

/// Events and the state they make.
public protocol EventReader {
    func event(_ eventID: EventID) throws -> EventRecord?
    func event(at position: StreamPosition) throws -> EventRecord?
    /// Events of a room in `range` (both ends exclusive), at most `limit`, in the given direction.
    func timeline(
        of room: RoomNumber, after: StreamPosition, before: StreamPosition, limit: Int, direction: TimelineDirection
    ) throws -> [EventRecord]
    func latestEvent(in room: RoomNumber) throws -> EventRecord?

    func currentState(of room: RoomNumber) throws -> [EventRecord]
    /// The state just after the event at `position`.
    func state(of room: RoomNumber, at position: StreamPosition) throws -> [EventRecord]
    /// Every event that has ever stood for that state, the earliest first.
    func stateHistory(of room: RoomNumber, tuple: StateTuple) throws -> [EventRecord]
    /// The latest state event of each tuple that changed in the range (`after` exclusive, `upTo` inclusive).
    func stateChanges(of room: RoomNumber, after: StreamPosition, upTo: StreamPosition) throws -> [EventRecord]

    /// The times of a room's events after `time` or before it, the nearest first; of equal times the order of the
    /// stream decides. Only events up to a position.
    func times(
        of room: RoomNumber, from time: EventTime, direction: TimelineDirection, upTo: StreamPosition, limit: Int
    ) throws -> [EventTime]

    func transaction(_ key: TransactionKey) throws -> StreamPosition?
}

public protocol EventWriter: EventReader {
    func insertEvent(_ event: EventRecord, stateTuple: StateTuple?) throws
    /// Makes the event at `position` the room's state for `tuple`.
    func setCurrentState(_ tuple: StateTuple, in room: RoomNumber, to position: StreamPosition) throws
    /// Takes the content away for good: the stored event becomes `redactedPDU`.
    func redactEvent(at position: StreamPosition, by redaction: StreamPosition, redactedPDU: [UInt8]) throws
    func insertTransaction(_ key: TransactionKey, event: StreamPosition) throws
}
