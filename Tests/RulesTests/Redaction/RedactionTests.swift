import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

/// https://spec.matrix.org/v1.19/rooms/v11/#redactions
struct RedactionTests {
    /// Every key that some type keeps, and some that none keeps.
    private static let content: JSONObject = [
        "membership": "join", "join_authorised_via_users_server": "@a:x", "displayname": "A", "join_rule": "public",
        "third_party_invite": ["signed": ["token": "t"], "display_name": "d"], "allow": [], "ban": 1, "events": [:],
        "events_default": 1, "invite": 1, "kick": 1, "redact": 1, "state_default": 1, "users": [:], "users_default": 1,
        "notifications": [:], "history_visibility": "joined", "redacts": "$e", "reason": "r", "creator": "@a:x",
        "aliases": [], "body": "hello",
    ]

    private static let kept: [(String, [String])] = [
        (EventType.roomMember, ["join_authorised_via_users_server", "membership", "third_party_invite"]),
        (EventType.roomCreate, Array(content.keys)),
        (EventType.roomJoinRules, ["allow", "join_rule"]),
        (
            EventType.roomPowerLevels,
            [
                "ban", "events", "events_default", "invite", "kick", "redact", "state_default", "users",
                "users_default",
            ]
        ),
        (EventType.roomHistoryVisibility, ["history_visibility"]),
        (EventType.roomRedaction, ["redacts"]),
        (EventType.roomMessage, []), (EventType.roomAliases, []), (EventType.roomName, []), ("m.custom", []),
    ]

    /// Rule 30.
    @Test(arguments: kept, RoomVersionRules.supported)
    func contentKeepsWhatTheProtocolNeeds(kept: (type: String, keys: [String]), rules: RoomVersionRules) {
        let redacted = Redaction.redactedContent(Self.content, type: kept.type, rules: rules)
        #expect(Array(redacted.keys) == kept.keys)
        for key in kept.keys where key != "third_party_invite" { #expect(redacted[key] == Self.content[key]) }
    }

    @Test(
        arguments: [
            (["signed": ["token": "t"], "display_name": "d"], ["signed": ["token": "t"]]), (["display_name": "d"], [:]),
            ("text", nil),
        ] as [(JSONValue, JSONValue?)])
    func ofAThirdPartyInviteOnlyTheSignedPartStays(invite: JSONValue, expected: JSONValue?) {
        let redacted = Redaction.redactedContent(
            ["third_party_invite": invite], type: EventType.roomMember, rules: .v11)
        #expect(redacted["third_party_invite"] == expected)
    }

    /// Rule 30.
    @Test(arguments: RoomVersionRules.supported)
    func theEventKeepsItsSkeleton(rules: RoomVersionRules) {
        let keys = [
            "auth_events", "content", "depth", "event_id", "hashes", "origin_server_ts", "prev_events", "room_id",
            "sender", "signatures", "state_key", "type",
        ]
        var event: JSONObject = [
            "origin": "x", "membership": "join", "prev_state": [], "redacts": "$e", "unsigned": ["age": 1], "extra": 1,
        ]
        for key in keys { event[key] = .string(key) }
        event["content"] = ["body": "hello"]
        let redacted = Redaction.redact(event, rules: rules)
        #expect(Array(redacted.keys) == keys)
        #expect(redacted["content"] == [:])
        #expect(redacted["sender"] == "sender")
        #expect(Redaction.redact(redacted, rules: rules) == redacted, "redacting twice changes nothing")
    }

    /// Rule 29: https://spec.matrix.org/v1.19/rooms/v12/#handling-redactions
    @Test func redactionTakesPowerOrTheSameServer() {
        let levels = PowerLevels(content: ["users": ["@mod:b": 50]], creators: [], rules: .v12)
        func isPermitted(_ sender: String, _ original: String) -> Bool {
            Redaction.isPermitted(sender: UserID(sender)!, originalSender: UserID(original)!, powerLevels: levels)
        }
        #expect(isPermitted("@mod:b", "@user:a"))
        #expect(isPermitted("@user:a", "@user:a"))
        #expect(isPermitted("@other:a", "@user:a"))
        #expect(!isPermitted("@user:b", "@user:a"))
    }
}
