import CanonicalJSON
import MatrixIdentifiers

/// The relationship types that the server itself heeds.
///
/// https://spec.matrix.org/v1.19/client-server-api/#relationship-types
public enum RelationType {
    public static let annotation = "m.annotation"
    public static let reference = "m.reference"
    public static let replace = "m.replace"
    public static let thread = "m.thread"
}

/// `m.relates_to`: which event another one is about, and how.
///
/// https://spec.matrix.org/v1.19/client-server-api/#forming-relationships-between-events
public struct EventRelation: Sendable {
    /// `rel_type`.
    public let type: String
    public let parent: EventID
    /// What an annotation says: an emoji, usually.
    public let key: String?

    /// Nil when the content relates to nothing, or in a form that is to be ignored. A rich reply alone is no relation
    /// in this sense: it has no `rel_type`.
    public init?(content: JSONObject) {
        guard let relation = content["m.relates_to"]?.objectValue, let type = relation["rel_type"]?.stringValue,
            // As long as an event's type may be: it is the key of an index.
            (1...255).contains(type.utf8.count),
            let parent = relation["event_id"]?.stringValue.flatMap(EventID.init)
        else { return nil }
        self.type = type
        self.parent = parent
        key = relation["key"]?.stringValue
    }
}
