import CanonicalJSON
import MatrixIdentifiers

/// The rules that every user has, as data.
///
/// https://spec.matrix.org/v1.19/client-server-api/#predefined-rules
extension PushRuleset {
    /// Before all other rules, even the user's own.
    static let masterRuleID = ".m.rule.master"

    /// https://spec.matrix.org/v1.19/client-server-api/#default-override-rules
    static func defaultOverrideRules(for userID: UserID) -> [PushRule] {
        [
            server(.override, masterRuleID, isEnabled: false, [], []),
            server(.override, ".m.rule.suppress_notices", [match("content.msgtype", "m.notice")], []),
            server(
                .override, ".m.rule.invite_for_me",
                [
                    match("type", "m.room.member"), match("content.membership", "invite"),
                    match("state_key", userID.string),
                ],
                ["notify", defaultSound]),
            server(.override, ".m.rule.member_event", [match("type", "m.room.member")], []),
            server(
                .override, ".m.rule.is_user_mention",
                [
                    [
                        "kind": "event_property_contains", "key": #"content.m\.mentions.user_ids"#,
                        "value": .string(userID.string),
                    ]
                ],
                ["notify", defaultSound, highlight]),
            server(
                .override, ".m.rule.is_room_mention",
                [
                    ["kind": "event_property_is", "key": #"content.m\.mentions.room"#, "value": true],
                    ["kind": "sender_notification_permission", "key": "room"],
                ],
                ["notify", highlight]),
            server(
                .override, ".m.rule.tombstone", [match("type", "m.room.tombstone"), match("state_key", "")],
                ["notify", highlight]),
            server(.override, ".m.rule.reaction", [match("type", "m.reaction")], []),
            server(
                .override, ".m.rule.room.server_acl", [match("type", "m.room.server_acl"), match("state_key", "")], []),
            server(
                .override, ".m.rule.suppress_edits",
                [["kind": "event_property_is", "key": #"content.m\.relates_to.rel_type"#, "value": "m.replace"]], []),
        ]
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#default-underride-rules
    static let defaultUnderrideRules = [
        server(.underride, ".m.rule.call", [match("type", "m.call.invite")], ["notify", sound("ring")]),
        server(
            .underride, ".m.rule.encrypted_room_one_to_one", [twoMembers, match("type", "m.room.encrypted")],
            ["notify", defaultSound]),
        server(
            .underride, ".m.rule.room_one_to_one", [twoMembers, match("type", "m.room.message")],
            ["notify", defaultSound]),
        server(.underride, ".m.rule.message", [match("type", "m.room.message")], ["notify"]),
        server(.underride, ".m.rule.encrypted", [match("type", "m.room.encrypted")], ["notify"]),
    ]

    private static func server(
        _ kind: PushRuleKind, _ ruleID: String, isEnabled: Bool = true, _ conditions: [JSONValue],
        _ actions: [JSONValue]
    ) -> PushRule {
        PushRule(
            kind: kind, ruleID: ruleID, isDefault: true, isEnabled: isEnabled, actions: actions, conditions: conditions)
    }

    private static func match(_ key: String, _ pattern: String) -> JSONValue {
        ["kind": "event_match", "key": .string(key), "pattern": .string(pattern)]
    }

    private static let twoMembers: JSONValue = ["kind": "room_member_count", "is": "2"]
    private static let highlight: JSONValue = ["set_tweak": "highlight"]
    private static let defaultSound = sound("default")

    private static func sound(_ name: String) -> JSONValue { ["set_tweak": "sound", "value": .string(name)] }
}
