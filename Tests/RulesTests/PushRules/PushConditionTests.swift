import CanonicalJSON
import MatrixIdentifiers
import Rules
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#push-rules
struct PushConditionTests {
    private static let facts = PushEventFacts(
        roomID: RoomID("!room:x")!, sender: UserID("@sender:x")!, type: "m.room.message", stateKey: nil,
        content: [
            "body": "Lunch with Alice (Work)?", "topic": "Lunch plans", "m.federate": true, "n": 1, "nothing": .null,
            "a\\b": "backslash", "nested": ["list": ["x", 1, true, .null, ["y"]]],
            "m.relates_to": ["rel_type": "m.replace"],
        ],
        memberCount: 10, displayName: "alice (work)",
        powerLevels: PowerLevels(
            content: ["users": ["@sender:x": 40], "notifications": ["low": 40]], creators: [], rules: .v12))

    private func holds(_ condition: JSONValue, _ change: (inout PushEventFacts) -> Void = { _ in }) -> Bool {
        var facts = Self.facts
        change(&facts)
        return PushCondition(json: condition).holds(for: facts)
    }

    /// Rule 95.
    @Test(arguments: [
        ("content.topic", "lunc?*", true), ("content.topic", "lunch", false), ("type", "m.room.*", true),
        ("sender", "@sender:x", true), ("room_id", "!room:x", true), ("state_key", "*", false),
        ("content.missing", "*", false), ("content.n", "*", false), ("content.nested.list", "*", false),
        ("content", "*", false), ("content.nested", "*", false), ("content.topic.deeper", "*", false),
        ("content.m\\.relates_to.rel_type", "m.replace", true), ("content.m.relates_to.rel_type", "*", false),
        ("content.a\\\\b", "backslash", true), ("content.a\\b", "backslash", true), ("", "*", false),
        ("content.body", "lunch", true), ("content.body", "lun", false),
    ])
    func eventMatch(key: String, pattern: String, expected: Bool) {
        let condition: JSONValue = ["kind": "event_match", "key": .string(key), "pattern": .string(pattern)]
        #expect(holds(condition) == expected)
    }

    @Test func aStateKeyCanBeEmpty() {
        #expect(holds(["kind": "event_match", "key": "state_key", "pattern": ""]) { $0.stateKey = "" })
        #expect(!holds(["kind": "event_match", "key": "state_key", "pattern": ""]) { $0.stateKey = "x" })
        #expect(!holds(["kind": "event_match", "key": "state_key", "pattern": ""]))
    }

    /// Rule 95.
    @Test(
        arguments: [
            ("content.m\\.federate", true, true), ("content.m\\.federate", "true", false),
            ("content.m\\.federate", 1, false),
            ("content.n", 1, true), ("content.nothing", .null, true), ("content.missing", .null, false),
            ("content.topic", "Lunch plans", true), ("content.topic", "lunch plans", false),
            ("content.nested", ["list": []], false), ("content.nested.list", [], false),
            ("content.n", .number(literal: "1.0"), false),
        ] as [(String, JSONValue, Bool)])
    func eventPropertyIs(key: String, value: JSONValue, expected: Bool) {
        #expect(holds(["kind": "event_property_is", "key": .string(key), "value": value]) == expected)
    }

    /// Rule 95.
    @Test(
        arguments: [
            ("content.nested.list", "x", true), ("content.nested.list", 1, true), ("content.nested.list", true, true),
            ("content.nested.list", .null, true), ("content.nested.list", ["y"], false),
            ("content.nested.list", "X", false),
            ("content.topic", "Lunch plans", false), ("content.missing", "x", false),
        ] as [(String, JSONValue, Bool)])
    func eventPropertyContains(key: String, value: JSONValue, expected: Bool) {
        #expect(holds(["kind": "event_property_contains", "key": .string(key), "value": value]) == expected)
    }

    /// Rule 97.
    @Test(arguments: [
        ("10", true), ("9", false), ("==10", true), ("==9", false), ("<11", true), ("<10", false), (">9", true),
        (">10", false), ("<=10", true), ("<=9", false), (">=10", true), (">=11", false), ("", false), ("<", false),
        ("ten", false), ("!=9", false), ("=10", false), (" 10", false), ("-1", false), (">-1", false),
        ("<99999999999999999999", false), ("١٠", false),
    ])
    func roomMemberCount(text: String, expected: Bool) {
        #expect(holds(["kind": "room_member_count", "is": .string(text)]) == expected)
    }

    @Test func senderNotificationPermission() {
        #expect(holds(["kind": "sender_notification_permission", "key": "low"]))
        #expect(!holds(["kind": "sender_notification_permission", "key": "room"]), "50 unless the room says otherwise")
        #expect(!holds(["kind": "sender_notification_permission"]))
    }

    @Test func containsDisplayName() {
        #expect(holds(["kind": "contains_display_name"]))
        for name in [nil, "", "Ali", "Bob", "*"] {
            #expect(!holds(["kind": "contains_display_name"]) { $0.displayName = name })
        }
    }

    @Test(
        arguments: [
            ["kind": "device"], ["kind": 1], [:], "event_match", ["kind": "event_match", "key": "type"],
            ["kind": "event_match", "pattern": "*"], ["kind": "event_match", "key": "type", "pattern": 1],
            ["kind": "event_property_is", "key": "content.missing"], ["kind": "room_member_count", "is": 10],
        ] as [JSONValue])
    func unknownConditionsNeverHold(condition: JSONValue) { #expect(!holds(condition)) }

    @Test(arguments: [
        ("content.body", ["content", "body"]), (#"a\.b.c"#, ["a.b", "c"]), (#"a\\.b"#, ["a\\", "b"]),
        (#"a\x"#, ["a\\x"]), (#"a\"#, ["a\\"]), ("", [""]), ("a..b", ["a", "", "b"]),
    ])
    func pathsAreTakenApart(text: String, names: [String]) { #expect(PropertyPath(text).names == names) }
}
