import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// Whoever is shown events.
public struct Viewer: Sendable {
    public let userID: UserID
    /// Whose events the user does not want to see.
    public let ignoredUsers: Set<UserID>

    public init(userID: UserID, ignoredUsers: Set<UserID>) {
        self.userID = userID
        self.ignoredUsers = ignoredUsers
    }
}

/// What one viewer is shown with events of those that relate to them: `m.relations` in `unsigned`.
///
/// https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events
public struct Aggregations: Sendable {
    private var byPosition: [StreamPosition: Aggregation] = [:]

    public static let none = Aggregations()

    public internal(set) subscript(event: RoomEvent) -> Aggregation? {
        get { byPosition[event.position] }
        set { byPosition[event.position] = newValue }
    }

    mutating func merge(_ other: Aggregations) { byPosition.merge(other.byPosition) { _, new in new } }
}

/// What is shown with one event.
public struct Aggregation: Sendable {
    public struct Thread: Sendable {
        public let latestEvent: RoomEvent
        /// Replies that the viewer may see.
        public let count: Int
        public let hasViewerParticipated: Bool
    }

    /// The latest edit, whole: the event's own content stays what it was.
    public internal(set) var replacement: RoomEvent?
    public internal(set) var thread: Thread?
    /// Events with `m.reference`, the earliest first.
    public internal(set) var references: [EventID] = []

    var isEmpty: Bool { replacement == nil && thread == nil && references.isEmpty }
}

extension ClientEventFormat {
    /// Writes `,"m.relations":{…}`.
    func write(_ aggregation: Aggregation, to output: inout [UInt8]) {
        output.append(contentsOf: ",\"m.relations\":".utf8)
        var writer = JSONWriter()
        writer.object { writer in
            if !aggregation.references.isEmpty {
                let chunk = aggregation.references.map { JSONValue.object(["event_id": .string($0.string)]) }
                writer.member(RelationType.reference, ["chunk": .array(chunk)])
            }
            if let replacement = aggregation.replacement {
                writer.key(RelationType.replace)
                writer.raw { write(replacement, to: &$0) }
            }
            if let thread = aggregation.thread {
                writer.object(RelationType.thread) { writer in
                    writer.member("count", .integer(Int64(thread.count)))
                    writer.member("current_user_participated", .bool(thread.hasViewerParticipated))
                    writer.key("latest_event")
                    // With what is shown with it; no further, since a thread's reply has no thread of its own.
                    writer.raw { write(thread.latestEvent, to: &$0) }
                }
            }
        }
        output += writer.bytes
    }
}
