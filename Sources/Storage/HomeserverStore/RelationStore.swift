import MatrixEvents
import MatrixIdentifiers

/// An event that relates to another one of its room, for the index of relations.
public struct RelationRecord: Sendable, Equatable {
    public let child: StreamPosition
    public let parent: StreamPosition
    public let room: RoomNumber
    /// `rel_type`.
    public let type: String
    /// The child's.
    public let eventType: String
    /// The child's.
    public let sender: UserID
    /// What an annotation says.
    public let key: String?
    /// The child's, in milliseconds since 1970.
    public let originServerTimestamp: Int64
    /// Whether the relation keeps to the rules of its type, and so is aggregated.
    public let isValid: Bool

    public init(
        child: StreamPosition, parent: StreamPosition, room: RoomNumber, type: String, eventType: String,
        sender: UserID, key: String?, originServerTimestamp: Int64, isValid: Bool
    ) {
        self.child = child
        self.parent = parent
        self.room = room
        self.type = type
        self.eventType = eventType
        self.sender = sender
        self.key = key
        self.originServerTimestamp = originServerTimestamp
        self.isValid = isValid
    }

    /// Whether children of this type are shown with their parent.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events
    public var isAggregated: Bool {
        [RelationType.reference, RelationType.replace, RelationType.thread].contains(type)
    }
}

/// What the index of relations tells of a child.
public struct RelatedEvent: Sendable, Equatable {
    public let position: StreamPosition
    public let sender: UserID
    /// Milliseconds since 1970.
    public let originServerTimestamp: Int64

    public init(position: StreamPosition, sender: UserID, originServerTimestamp: Int64) {
        self.position = position
        self.sender = sender
        self.originServerTimestamp = originServerTimestamp
    }
}

/// Which children of an event are asked for.
public struct RelationQuery: Sendable {
    public var parent: StreamPosition
    /// `rel_type`; nil for any. An indirect child is found through children that match too.
    public var type: String?
    /// The children's; nil for any.
    public var eventType: String?
    /// Only relations that keep to the rules of their type.
    public var onlyValid = false
    /// 1 for the children alone, 2 with their children, and so on.
    public var depth = 1
    /// Exclusive.
    public var after = StreamPosition.zero
    /// Exclusive.
    public var before = StreamPosition(.max)
    public var direction = TimelineDirection.backward
    public var limit: Int

    public init(parent: StreamPosition, type: String? = nil, limit: Int) {
        self.parent = parent
        self.type = type
        self.limit = limit
    }
}

/// A thread by its root.
public struct ThreadRecord: Sendable, Equatable {
    public let root: StreamPosition
    public let latestReply: StreamPosition

    public init(root: StreamPosition, latestReply: StreamPosition) {
        self.root = root
        self.latestReply = latestReply
    }
}

/// The relations between events; of redacted children there are none.
public protocol RelationReader {
    /// The children in stream order or against it. Indirect ones are sought among a bounded number.
    func relations(_ query: RelationQuery) throws -> [RelatedEvent]
    /// Valid children of a type, up to a position.
    func relationCount(of parent: StreamPosition, type: String, upTo: StreamPosition) throws -> Int
    /// Whether the sender has a valid child of a type there.
    func hasRelation(
        of parent: StreamPosition, type: String, sender: UserID, upTo: StreamPosition
    ) throws -> Bool
    /// Valid replacements up to a position, of the latest timestamp first; only its sender replaces an event.
    func replacements(
        of parent: StreamPosition, sender: UserID, upTo: StreamPosition, limit: Int
    ) throws -> [RelatedEvent]
    func hasAnnotation(of parent: StreamPosition, sender: UserID, eventType: String, key: String) throws -> Bool

    /// The index of a room's children in the range (`after` exclusive, `upTo` inclusive), in stream order.
    func relationRecords(
        in room: RoomNumber, after: StreamPosition, upTo: StreamPosition
    ) throws -> [RelationRecord]

    /// The room's threads with a latest reply before a position, the one with the latest first.
    func threads(in room: RoomNumber, before: StreamPosition, limit: Int) throws -> [ThreadRecord]
    /// Events in any thread in the range (`after` exclusive, `upTo` inclusive), the latest first.
    func threadedEvents(
        in room: RoomNumber, after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [EventRecord]
}

public protocol RelationWriter: RelationReader {
    /// Indexes a child; its parent knows from then on that it has some, if they are aggregated.
    func insertRelation(_ relation: RelationRecord) throws
    /// Takes a child out of the index, if it is in it.
    func deleteRelation(of child: StreamPosition) throws
}
