import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// Which relations between two events of a room keep to the rules of their type; others are ignored.
public enum RelationRules {
    /// Whether an event with `m.replace` replaces the one it names.
    ///
    /// Of an encrypted event only its receivers see whether it has `m.new_content`.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#validity-of-replacement-events
    public static func isValidReplacement(_ replacement: PersistentDataUnit, of original: PersistentDataUnit) -> Bool {
        replacement.sender == original.sender && utf8Equal(replacement.type, original.type)
            && replacement.stateKey == nil && original.stateKey == nil
            && EventRelation(content: original.content)?.type != RelationType.replace
            && (replacement.type == EventType.roomEncrypted
                || replacement.content["m.new_content"]?.objectValue != nil)
    }

    /// Whether a thread may begin at an event: not at one that relates to another itself.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#validation-of-mthread-relationships
    public static func isValidThreadRoot(_ event: PersistentDataUnit) -> Bool {
        event.content["m.relates_to"]?.objectValue?["rel_type"] == nil
    }

    /// How many relations are followed from an event to one that is in a thread.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts
    public static let maximumThreadHops = 3
}
