import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// All that decides what a new event will be, before its hashes.
public struct EventTemplate: Sendable {
    /// Nil for the create event of room version 12 and later, and only for that.
    public var roomID: RoomID?
    public var type: String
    /// Nil for a message event.
    public var stateKey: String?
    public var sender: UserID
    public var content: JSONObject
    /// `content` in canonical JSON.
    public var contentBytes: [UInt8]
    /// Milliseconds since 1970.
    public var originServerTimestamp: Int64
    public var depth: Int64
    public var authEvents: [EventID]
    public var prevEvents: [EventID]

    /// - Parameter contentBytes: must be the canonical form of `content`; it is not encoded again.
    public init(
        roomID: RoomID?, type: String, stateKey: String?, sender: UserID, content: JSONObject, contentBytes: [UInt8],
        originServerTimestamp: Int64, depth: Int64, authEvents: [EventID], prevEvents: [EventID]
    ) {
        self.roomID = roomID
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.contentBytes = contentBytes
        self.originServerTimestamp = originServerTimestamp
        self.depth = depth
        self.authEvents = authEvents
        self.prevEvents = prevEvents
    }
}

/// An event that has its ID but no signature yet: time to ask whether it is allowed.
public struct HashedEvent: Sendable {
    public let event: PersistentDataUnit
    /// The PDU with a gap where the signature goes.
    let layout: EventLayout
}

/// An event ready to be stored and sent.
public struct BuiltEvent: Sendable {
    public let event: PersistentDataUnit
    /// The canonical PDU with hashes and signatures, without `event_id` and `unsigned`.
    public let bytes: [UInt8]
}

/// An event that is larger than events may be.
///
/// https://spec.matrix.org/v1.19/client-server-api/#size-limits
public struct EventSizeError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Part: String, Sendable {
        case event, type
        case stateKey = "state_key"
    }

    public let part: Part
    public let byteCount: Int
    public let limit: Int

    public init(part: Part, byteCount: Int, limit: Int) {
        self.part = part
        self.byteCount = byteCount
        self.limit = limit
    }

    public var description: String { "\(part.rawValue) has \(byteCount) bytes, the limit is \(limit)" }
}
