import CanonicalJSON
import MatrixIdentifiers

/// An event of a room as servers exchange and keep it: what the rules of rooms read.
///
/// https://spec.matrix.org/v1.19/server-server-api/#pdus
public struct PersistentDataUnit: Sendable {
    public let eventID: EventID
    /// For the create event of room version 12 and later, which carries none, derived from the event's hash.
    public let roomID: RoomID
    public let type: String
    /// Nil for a message event.
    public let stateKey: String?
    public let sender: UserID
    public let content: JSONObject
    /// Milliseconds since 1970, as the sender's server claims.
    public let originServerTimestamp: Int64
    public let depth: Int64
    public let authEvents: [EventID]
    public let prevEvents: [EventID]

    public init(
        eventID: EventID, roomID: RoomID, type: String, stateKey: String?, sender: UserID, content: JSONObject,
        originServerTimestamp: Int64, depth: Int64, authEvents: [EventID], prevEvents: [EventID]
    ) {
        self.eventID = eventID
        self.roomID = roomID
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.originServerTimestamp = originServerTimestamp
        self.depth = depth
        self.authEvents = authEvents
        self.prevEvents = prevEvents
    }

    /// Nil for a message event.
    public var stateTuple: StateTuple? { stateKey.map { StateTuple(type, $0) } }
}
