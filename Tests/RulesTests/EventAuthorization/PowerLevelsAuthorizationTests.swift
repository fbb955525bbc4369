import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

/// Rule 9 of https://spec.matrix.org/v1.19/rooms/v11/#authorisation-rules and rule 10 of version 12.
struct PowerLevelsAuthorizationTests {
    /// Rules 41 and 42.
    @Test(arguments: shapes + levels, RoomVersionRules.supported)
    func shapesAndLevels(authorization: AuthorizationCase, rules: RoomVersionRules) { authorization.check(in: rules) }

    /// Rule 42.
    @Test(arguments: entries + users, RoomVersionRules.supported)
    func entriesAndUsers(authorization: AuthorizationCase, rules: RoomVersionRules) { authorization.check(in: rules) }

    private static let levelKeys = [
        "users_default", "events_default", "state_default", "ban", "redact", "kick", "invite",
    ]

    private static let shapes: [AuthorizationCase] =
        levelKeys.map { key in
            AuthorizationCase("\(key) is an integer", .rejected(v11: "9.1", v12: "10.1")) {
                $0.powerLevels(by: "@admin:a") { $0[key] = "50" }
            }
        }
        + ["events", "notifications"].flatMap { key in
            [
                AuthorizationCase("\(key) is an object", .rejected(v11: "9.2", v12: "10.2")) {
                    $0.powerLevels(by: "@admin:a") { $0[key] = [] }
                },
                .init("\(key) has integers", .rejected(v11: "9.2", v12: "10.2")) {
                    $0.powerLevels(by: "@admin:a") { $0[key] = ["m.custom": .number(literal: "1.0")] }
                },
            ]
        } + [
            .init("users is an object", .rejected(v11: "9.3", v12: "10.3")) {
                $0.powerLevels(by: "@admin:a") { $0["users"] = 1 }
            },
            .init("users has integers", .rejected(v11: "9.3", v12: "10.3")) {
                $0.powerLevels(by: "@admin:a") { $0["users"] = $0["users"]!.adding("@new:a", "50") }
            },
            .init("users has user IDs", .rejected(v11: "9.3", v12: "10.3")) {
                $0.powerLevels(by: "@admin:a") { $0["users"] = $0["users"]!.adding("new", 50) }
            },
            .init("the first power levels may say anything", .allowed) { room in
                room.remove(EventType.roomPowerLevels)
                return room.event(
                    EventType.roomPowerLevels, by: "@creator:a", stateKey: "", ["ban": 1000, "users": ["@new:a": 1000]])
            },
        ]

    private static let levels: [AuthorizationCase] = levelKeys.flatMap { key in
        [
            AuthorizationCase("\(key): a moderator sets up to their level", .allowed) {
                $0.powerLevels(by: "@moderator:a") { $0[key] = 50 }
            },
            .init("\(key): nobody sets more than they have", .rejected(v11: "9.5.2", v12: "10.6.2")) {
                $0.powerLevels(by: "@moderator:a") { $0[key] = 51 }
            },
            .init("\(key): nobody lowers what is above them", .rejected(v11: "9.5.1", v12: "10.6.1")) { room in
                room.changeLevels {
                    $0["events"] = ["m.room.power_levels": 0]
                    $0[key] = 51
                }
                return room.powerLevels(by: "@moderator:a") { $0[key] = 0 }
            },
            .init("\(key): nobody removes what is above them", .rejected(v11: "9.5.1", v12: "10.6.1")) { room in
                room.changeLevels {
                    $0["events"] = ["m.room.power_levels": 0]
                    $0[key] = 51
                }
                return room.powerLevels(by: "@moderator:a") { $0[key] = nil }
            },
            .init("\(key): what stays may be above the sender", .allowed) { room in
                room.changeLevels {
                    $0["events"] = ["m.room.power_levels": 0]
                    $0[key] = 51
                }
                return room.powerLevels(by: "@moderator:a") { $0["users"] = $0["users"]!.adding("@member:a", 10) }
            },
        ]
    }

    private static let entries: [AuthorizationCase] = ["events", "notifications"].flatMap { key in
        [
            AuthorizationCase("\(key): a moderator adds an entry at their level", .allowed) {
                $0.powerLevels(by: "@moderator:a") { $0[key] = $0[key]!.adding("m.new", 50) }
            },
            .init("\(key): nobody adds an entry above them", .rejected(v11: "9.7.1", v12: "10.8.1")) {
                $0.powerLevels(by: "@moderator:a") { $0[key] = $0[key]!.adding("m.new", 51) }
            },
            .init("\(key): nobody raises an entry above them", .rejected(v11: "9.7.1", v12: "10.8.1")) { room in
                room.changeLevels { $0[key] = $0[key]!.adding("m.new", 50) }
                return room.powerLevels(by: "@moderator:a") { $0[key] = $0[key]!.adding("m.new", 51) }
            },
            .init("\(key): nobody lowers an entry that is above them", .rejected(v11: "9.6.1", v12: "10.7.1")) { room in
                room.changeLevels { $0[key] = $0[key]!.adding("m.new", 51) }
                return room.powerLevels(by: "@moderator:a") { $0[key] = $0[key]!.adding("m.new", 0) }
            },
            .init("\(key): nobody removes entries that are above them", .rejected(v11: "9.6.1", v12: "10.7.1")) {
                $0.powerLevels(by: "@moderator:a") { $0[key] = nil }
            },
            .init("\(key): an administrator removes all", .allowed) {
                $0.powerLevels(by: "@admin:a") { $0[key] = nil }
            },
        ]
    }

    private static let users: [AuthorizationCase] = [
        .init("a moderator gives their level", .allowed) {
            $0.powerLevels(by: "@moderator:a") { $0["users"] = $0["users"]!.adding("@member:a", 50) }
        },
        .init("nobody gives more than they have", .rejected(v11: "9.9.1", v12: "10.10.1")) {
            $0.powerLevels(by: "@moderator:a") { $0["users"] = $0["users"]!.adding("@member:a", 51) }
        },
        .init("nobody raises themselves", .rejected(v11: "9.9.1", v12: "10.10.1")) {
            $0.powerLevels(by: "@moderator:a") { $0["users"] = $0["users"]!.adding("@moderator:a", 51) }
        },
        .init("a moderator steps down", .allowed) {
            $0.powerLevels(by: "@moderator:a") { $0["users"] = $0["users"]!.adding("@moderator:a", 0) }
        },
        .init("nobody changes an equal", .rejected(v11: "9.8.1", v12: "10.9.1")) { room in
            room.changeLevels { $0["users"] = $0["users"]!.adding("@member:a", 50) }
            return room.powerLevels(by: "@moderator:a") { $0["users"] = $0["users"]!.adding("@member:a", 0) }
        },
        .init("nobody removes an equal", .rejected(v11: "9.8.1", v12: "10.9.1")) { room in
            room.changeLevels { $0["users"] = $0["users"]!.adding("@member:a", 50) }
            return room.powerLevels(by: "@moderator:a") { content in
                var users = content["users"]!.objectValue!
                users["@member:a"] = nil
                content["users"] = .object(users)
            }
        },
        .init("nobody demotes who is above them", .rejected(v11: "9.8.1", v12: "10.9.1")) {
            $0.powerLevels(by: "@moderator:a") { $0["users"] = $0["users"]!.adding("@admin:a", 0) }
        },
        .init("an administrator demotes a moderator", .allowed) {
            $0.powerLevels(by: "@admin:a") { $0["users"] = $0["users"]!.adding("@moderator:a", 0) }
        },
        .init("a member cannot change power levels at all", .rejected(v11: "7", v12: "8")) {
            $0.powerLevels(by: "@member:a") { $0["ban"] = 0 }
        },
    ]

    // MARK: Creators

    /// Rule 40.
    @Test(arguments: ["@creator:a", "@second:a"])
    func creatorsCannotBeNamedInVersion12(creator: String) {
        let content: JSONObject = ["additional_creators": ["@second:a"]]
        let named: JSONObject = ["users": .object([:]).adding(creator, 100)]
        for (rules, expected) in [(RoomVersionRules.v11, nil), (.v12, "10.4")] {
            var room = TestRoom(rules, createContent: content)
            room.remove(EventType.roomPowerLevels)
            let event = room.event(EventType.roomPowerLevels, by: "@creator:a", stateKey: "", named)
            #expect(room.rejectingRule(of: event) == expected)
        }
    }

    /// Rule 40.
    @Test func creatorsStandAboveAllLevelsInVersion12() {
        var room = TestRoom(.v12, createContent: ["additional_creators": ["@second:a"]])
        room.setMembership("@second:a", .join)
        let highest = JSONValue.integer(JSONValue.integerRange.upperBound)
        room.changeLevels {
            $0["users"] = ["@admin:a": highest]
            $0["events"] = ["m.room.power_levels": highest]
        }
        for creator in ["@creator:a", "@second:a"] {
            #expect(room.rejectingRule(of: room.powerLevels(by: creator) { $0["users"] = ["@admin:a": 0] }) == nil)
            #expect(room.rejectingRule(of: room.membership("@admin:a", "ban", by: creator)) == nil)
            #expect(room.rejectingRule(of: room.membership(creator, "ban", by: "@admin:a")) == "5.6.3")
        }
        #expect(
            room.rejectingRule(of: room.membership("@second:a", "leave", by: "@creator:a")) == "5.5.5",
            "creators are equals")
    }

    @Test func theCreatorIsAnOrdinaryUserOnceVersion11HasPowerLevels() {
        var room = TestRoom(.v11)
        room.changeLevels { $0["users"] = ["@admin:a": 100] }
        #expect(room.rejectingRule(of: room.event(EventType.roomTopic, by: "@creator:a", stateKey: "")) == "7")
        room.remove(EventType.roomPowerLevels)
        #expect(room.rejectingRule(of: room.event(EventType.roomTopic, by: "@creator:a", stateKey: "")) == nil)
        #expect(room.rejectingRule(of: room.event(EventType.roomTopic, by: "@admin:a", stateKey: "")) == "7")
    }
}
