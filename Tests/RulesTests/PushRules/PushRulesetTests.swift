import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#push-rules
struct PushRulesetTests {
    private let user = UserID("@me:x")!
    private var defaults: PushRuleset { .defaults(for: user) }

    private static let sounding = PushActions(notify: true, sound: "default")
    private static let mention = PushActions(notify: true, highlight: true, sound: "default")

    private func facts(
        _ type: String, _ content: JSONObject = [:], stateKey: String? = nil, sender: String = "@sender:x",
        members: Int = 3
    ) -> PushEventFacts {
        PushEventFacts(
            roomID: RoomID("!room:x")!, sender: UserID(sender)!, type: type, stateKey: stateKey, content: content,
            memberCount: members, displayName: nil,
            powerLevels: PowerLevels(content: ["users": ["@moderator:x": 50]], creators: [], rules: .v12))
    }

    // MARK: Defaults

    /// Rule 94.
    @Test func theDefaultsStandInTheSpecificationsOrder() {
        #expect(
            defaults[.override].map(\.ruleID) == [
                ".m.rule.master", ".m.rule.suppress_notices", ".m.rule.invite_for_me", ".m.rule.member_event",
                ".m.rule.is_user_mention", ".m.rule.is_room_mention", ".m.rule.tombstone", ".m.rule.reaction",
                ".m.rule.room.server_acl", ".m.rule.suppress_edits",
            ])
        #expect(
            defaults[.underride].map(\.ruleID) == [
                ".m.rule.call", ".m.rule.encrypted_room_one_to_one", ".m.rule.room_one_to_one", ".m.rule.message",
                ".m.rule.encrypted",
            ])
        for kind in [PushRuleKind.content, .room, .sender] { #expect(defaults[kind].isEmpty) }
        for rule in defaults[.override] + defaults[.underride] {
            #expect(rule.isDefault)
            #expect(rule.isEnabled == (rule.ruleID != ".m.rule.master"))
        }
    }

    /// The specification's own JSON of some rules.
    @Test(arguments: [
        (
            PushRuleKind.override,
            """
            {"rule_id": ".m.rule.is_user_mention", "default": true, "enabled": true, "conditions": [
              {"kind": "event_property_contains", "key": "content.m\\\\.mentions.user_ids", "value": "@me:x"}],
             "actions": ["notify", {"set_tweak": "sound", "value": "default"}, {"set_tweak": "highlight"}]}
            """
        ),
        (
            .override,
            """
            {"rule_id": ".m.rule.is_room_mention", "default": true, "enabled": true, "conditions": [
              {"kind": "event_property_is", "key": "content.m\\\\.mentions.room", "value": true},
              {"kind": "sender_notification_permission", "key": "room"}],
             "actions": ["notify", {"set_tweak": "highlight"}]}
            """
        ),
        (.override, #"{"rule_id":".m.rule.master","default":true,"enabled":false,"conditions":[],"actions":[]}"#),
        (
            .underride,
            """
            {"rule_id": ".m.rule.room_one_to_one", "default": true, "enabled": true, "conditions": [
              {"kind": "room_member_count", "is": "2"},
              {"kind": "event_match", "key": "type", "pattern": "m.room.message"}],
             "actions": ["notify", {"set_tweak": "sound", "value": "default"}]}
            """
        ),
    ])
    func theDefaultsReadAsInTheSpecification(kind: PushRuleKind, text: String) throws {
        let expected = try #require(try JSONParser.parse(text).objectValue)
        let ruleID = try #require(expected["rule_id"]?.stringValue)
        #expect(defaults.rule(kind, ruleID)?.json == expected)
    }

    /// Rule 94.
    @Test func eachDefaultRuleDoesItsWork() {
        func actions(_ facts: PushEventFacts) -> PushActions { defaults.evaluate(facts) }
        let message = EventType.roomMessage
        #expect(actions(facts(message, ["msgtype": "m.notice", "body": "x"])) == .none)
        let invite: JSONObject = ["membership": "invite"]
        #expect(actions(facts(EventType.roomMember, invite, stateKey: "@me:x")) == Self.sounding)
        #expect(actions(facts(EventType.roomMember, invite, stateKey: "@other:x")) == .none)
        #expect(actions(facts(EventType.roomMember, ["membership": "join"], stateKey: "@me:x")) == .none)
        #expect(actions(facts(message, ["m.mentions": ["user_ids": ["@you:x", "@me:x"]]])) == Self.mention)
        #expect(actions(facts(message, ["m.mentions": ["user_ids": ["@you:x"]]])) == PushActions(notify: true))
        let everybody: JSONObject = ["m.mentions": ["room": true]]
        #expect(
            actions(facts(message, everybody, sender: "@moderator:x")) == PushActions(notify: true, highlight: true))
        #expect(actions(facts(message, everybody)) == PushActions(notify: true), "without the power, just a message")
        #expect(
            actions(facts(EventType.roomTombstone, stateKey: "")) == PushActions(notify: true, highlight: true))
        #expect(actions(facts(EventType.roomTombstone)) == .none, "not a state event")
        #expect(actions(facts("m.reaction")) == .none)
        #expect(actions(facts(EventType.roomServerACL, stateKey: "")) == .none)
        #expect(actions(facts(message, ["m.relates_to": ["rel_type": "m.replace"], "body": "x"])) == .none)
        #expect(actions(facts("m.call.invite")) == PushActions(notify: true, sound: "ring"))
        for type in [message, EventType.roomEncrypted] {
            #expect(actions(facts(type, members: 2)) == Self.sounding)
            #expect(actions(facts(type, members: 3)) == PushActions(notify: true))
        }
        #expect(actions(facts("m.unknown")) == .none)
    }

    /// Rule 94.
    @Test func theBodyMentionsNobodySince1_17() {
        #expect(defaults.evaluate(facts(EventType.roomMessage, ["body": "me @room"])) == PushActions(notify: true))
    }

    /// Rule 93.
    @Test func usersAreNotToldOfTheirOwnEvents() {
        #expect(defaults.evaluate(facts(EventType.roomMessage, sender: "@me:x")) == .none)
    }

    // MARK: Kinds and order

    private let notify: [JSONValue] = ["notify"]

    private func ruleset(_ change: (inout PushRuleset) throws -> Void) rethrows -> PushRuleset {
        var ruleset = defaults
        try change(&ruleset)
        return ruleset
    }

    private func rule(
        _ kind: PushRuleKind, _ ruleID: String, sound: String, conditions: [JSONValue] = [], pattern: String? = nil
    ) -> PushRule {
        PushRule(
            kind: kind, ruleID: ruleID, actions: ["notify", ["set_tweak": "sound", "value": .string(sound)]],
            conditions: conditions, pattern: pattern)
    }

    /// Rule 93.
    @Test func kindsAreAskedInTheirOrder() throws {
        var ruleset = defaults
        let message = facts(EventType.roomMessage, ["body": "cake"])
        for (kind, ruleID) in [
            (PushRuleKind.underride, "u"), (.sender, "@sender:x"), (.room, "!room:x"), (.content, "c"),
            (.override, "o"),
        ] {
            try ruleset.put(rule(kind, ruleID, sound: kind.rawValue, pattern: "cake"), kind: kind)
            #expect(ruleset.evaluate(message).sound == kind.rawValue)
        }
        let isChanged1 = ruleset.change(.override, ".m.rule.master") { $0.isEnabled = true }
        #expect(isChanged1)
        #expect(ruleset.evaluate(message) == .none, "the master rule comes before all")
    }

    /// Rule 95.
    @Test func rulesAboutOthersDoNotMatch() throws {
        let ruleset = try ruleset {
            try $0.put(rule(.room, "!other:x", sound: "s"), kind: .room)
            try $0.put(rule(.sender, "@other:x", sound: "s"), kind: .sender)
            try $0.put(rule(.content, "c", sound: "s", pattern: "tea"), kind: .content)
            try $0.put(rule(.content, "broken", sound: "s"), kind: .content)
            try $0.put(rule(.override, "u", sound: "s", conditions: [["kind": "unheard-of"]]), kind: .override)
        }
        #expect(ruleset.evaluate(facts(EventType.roomMessage, ["body": "cake"])) == PushActions(notify: true))
    }

    /// Rule 93.
    @Test func disabledRulesAreSkipped() throws {
        var ruleset = try ruleset { try $0.put(rule(.room, "!room:x", sound: "s"), kind: .room) }
        let isChanged2 = ruleset.change(.room, "!room:x") { $0.isEnabled = false }
        #expect(isChanged2)
        #expect(ruleset.evaluate(facts(EventType.roomMessage)).sound == nil)
        let isChanged3 = ruleset.change(.room, "!missing:x") { $0.isEnabled = false }
        #expect(!isChanged3)
    }

    @Test(
        arguments: [
            (["notify"], PushActions(notify: true)), ([], .none), (["dont_notify"], .none), (["coalesce"], .none),
            (["notify", ["set_tweak": "highlight"]], PushActions(notify: true, highlight: true)),
            (["notify", ["set_tweak": "highlight", "value": true]], PushActions(notify: true, highlight: true)),
            (["notify", ["set_tweak": "highlight", "value": false]], PushActions(notify: true)),
            (["notify", ["set_tweak": "sound", "value": "x"]], PushActions(notify: true, sound: "x")),
            (["notify", ["set_tweak": "light", "value": "x"], 1, "leap"], PushActions(notify: true)),
        ] as [([JSONValue], PushActions)])
    func actionsAreRead(actions: [JSONValue], expected: PushActions) throws {
        let ruleset = try ruleset {
            try $0.put(PushRule(kind: .room, ruleID: "!room:x", actions: actions), kind: .room)
        }
        #expect(ruleset.evaluate(facts("m.anything")) == expected)
    }

    // MARK: Placing

    /// Rule 96.
    @Test func newRulesGoWhereTheyAreAsked() throws {
        var ruleset = defaults
        func put(_ ruleID: String, before: String? = nil, after: String? = nil) throws {
            try ruleset.put(rule(.override, ruleID, sound: ruleID), kind: .override, before: before, after: after)
        }
        func own() -> [String] { ruleset[.override].filter { !$0.isDefault }.map(\.ruleID) }
        try put("a")
        try put("b")
        #expect(own() == ["b", "a"], "a new rule is the most important")
        try put("c", after: "b")
        #expect(own() == ["b", "c", "a"])
        try put("d", before: "a")
        #expect(own() == ["b", "c", "d", "a"])
        try put("b", after: "a")
        #expect(own() == ["c", "d", "a", "b"])
        try put("b")
        #expect(own() == ["c", "d", "a", "b"], "a changed rule stays")
        try put("e", before: "d", after: "b")
        #expect(own() == ["c", "e", "d", "a", "b"], "before decides")
        #expect(ruleset[.override].first?.ruleID == ".m.rule.master")
        for neighbour in ["missing", ".m.rule.master"] {
            #expect(throws: PushRuleset.PlacementError.unknownRule(neighbour)) { try put("f", before: neighbour) }
        }
        #expect(own() == ["c", "e", "d", "a", "b"])
    }

    /// Rule 96.
    @Test func aChangedRuleStaysDisabled() throws {
        var ruleset = try ruleset { try $0.put(rule(.room, "!room:x", sound: "old"), kind: .room) }
        let isChanged4 = ruleset.change(.room, "!room:x") { $0.isEnabled = false }
        #expect(isChanged4)
        try ruleset.put(rule(.room, "!room:x", sound: "new"), kind: .room)
        let changed = try #require(ruleset.rule(.room, "!room:x"))
        #expect(!changed.isEnabled)
        #expect(changed.actions == ["notify", ["set_tweak": "sound", "value": "new"]])
    }

    /// Rule 96.
    @Test func onlyOwnRulesAreRemoved() throws {
        var ruleset = try ruleset { try $0.put(rule(.room, "!room:x", sound: "s"), kind: .room) }
        let isRemoved5 = ruleset.remove(.room, "!room:x")
        #expect(isRemoved5)
        let isRemoved6 = ruleset.remove(.room, "!room:x")
        #expect(!isRemoved6)
        let isRemoved7 = ruleset.remove(.override, ".m.rule.master")
        #expect(!isRemoved7)
        #expect(ruleset == defaults)
    }

    // MARK: JSON

    @Test func aStoredRulesetComesBack() throws {
        var ruleset = try ruleset {
            try $0.put(rule(.override, "o", sound: "s", conditions: [["kind": "unheard-of", "x": 1]]), kind: .override)
            try $0.put(rule(.content, "c", sound: "s", pattern: "cake"), kind: .content)
            try $0.put(rule(.underride, "u", sound: "s"), kind: .underride)
        }
        let isChanged8 = ruleset.change(.underride, ".m.rule.message") { $0.actions = [] }
        #expect(isChanged8)
        let isChanged9 = ruleset.change(.override, ".m.rule.master") { $0.isEnabled = true }
        #expect(isChanged9)
        #expect(PushRuleset(json: ruleset.json, userID: user) == ruleset)
        #expect(PushRuleset(json: ["global": .object(ruleset.json)], userID: user) == ruleset)
        #expect(PushRuleset(json: [:], userID: user) == defaults)
        #expect(Array(ruleset.json.keys) == ["content", "override", "room", "sender", "underride"])
    }

    @Test func storedDefaultsFollowTodaysSpecification() throws {
        let stored: JSONObject = [
            "override": [
                [
                    "rule_id": ".m.rule.contains_display_name", "default": true, "enabled": true, "actions": ["notify"],
                    "conditions": [["kind": "contains_display_name"]],
                ],
                [
                    "rule_id": ".m.rule.reaction", "default": true, "enabled": false,
                    "actions": ["notify", "dont_notify"],
                ],
                ["rule_id": "broken"], 1,
            ]
        ]
        let ruleset = PushRuleset(json: stored, userID: user)
        #expect(ruleset.rule(.override, ".m.rule.contains_display_name") == nil, "dropped in 1.17")
        let reaction = try #require(ruleset.rule(.override, ".m.rule.reaction"))
        #expect(!reaction.isEnabled)
        #expect(reaction.actions == notify)
        #expect(ruleset[.override].map(\.ruleID) == defaults[.override].map(\.ruleID))
    }
}
