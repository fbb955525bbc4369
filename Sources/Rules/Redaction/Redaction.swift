import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// What is left of an event when everything the protocol can do without is taken away.
///
/// Room versions 11 and 12 keep the same; the version is a parameter because earlier ones do not.
///
/// https://spec.matrix.org/v1.19/rooms/v11/#redactions
public enum Redaction {
    /// A whole PDU, or an event in the client format, with only the keys that redaction keeps.
    public static func redact(_ event: JSONObject, rules: RoomVersionRules) -> JSONObject {
        var redacted = event.keeping(only: keptKeys)
        let content = event["content"]?.objectValue ?? JSONObject()
        redacted["content"] = .object(redactedContent(content, type: event["type"]?.stringValue ?? "", rules: rules))
        return redacted
    }

    /// The keys of `content` that an event of this type keeps.
    public static func redactedContent(_ content: JSONObject, type: String, rules: RoomVersionRules) -> JSONObject {
        switch type {
        case EventType.roomMember: return redactedMemberContent(content)
        case EventType.roomCreate: return content
        case EventType.roomJoinRules: return content.keeping(only: ["join_rule", "allow"])
        case EventType.roomPowerLevels: return content.keeping(only: keptPowerLevelKeys)
        case EventType.roomHistoryVisibility: return content.keeping(only: ["history_visibility"])
        case EventType.roomRedaction: return content.keeping(only: ["redacts"])
        default: return JSONObject()
        }
    }

    /// Whether a redaction event takes effect; the authorization rules alone do not decide that.
    ///
    /// https://spec.matrix.org/v1.19/rooms/v12/#handling-redactions
    public static func isPermitted(
        sender: UserID, originalSender: UserID, powerLevels: PowerLevels
    ) -> Bool {
        powerLevels.level(of: sender) >= powerLevels.redact || sender.serverName == originalSender.serverName
    }

    private static func redactedMemberContent(_ content: JSONObject) -> JSONObject {
        var kept = content.keeping(only: ["membership", "join_authorised_via_users_server"])
        // An object without `signed` stays as an empty one: the reference hash must agree with other servers'.
        if let invite = content["third_party_invite"]?.objectValue {
            kept["third_party_invite"] = .object(invite.keeping(only: ["signed"]))
        }
        return kept
    }

    private static let keptKeys = [
        "event_id", "type", "room_id", "sender", "state_key", "content", "hashes", "signatures", "depth",
        "prev_events", "auth_events", "origin_server_ts",
    ]

    private static let keptPowerLevelKeys = [
        "ban", "events", "events_default", "invite", "kick", "redact", "state_default", "users", "users_default",
    ]
}
