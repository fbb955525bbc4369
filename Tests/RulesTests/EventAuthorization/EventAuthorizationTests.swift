import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

/// The rules besides those about memberships and power levels.
struct EventAuthorizationTests {
    /// Rule 27.
    @Test(arguments: cases, RoomVersionRules.supported)
    func events(authorization: AuthorizationCase, rules: RoomVersionRules) { authorization.check(in: rules) }

    private static let cases: [AuthorizationCase] = [
        .init("a member sends a message", .allowed) { $0.event(EventType.roomMessage, by: "@member:a") },
        .init("who left cannot send", .rejected(v11: "5", v12: "6")) { room in
            room.setMembership("@admin:a", .leave)
            return room.event(EventType.roomMessage, by: "@admin:a")
        },
        .init("an invited user cannot send", .rejected(v11: "5", v12: "6")) { room in
            room.setMembership("@new:a", .invite)
            return room.event(EventType.roomMessage, by: "@new:a")
        },
        .init("a canonically equivalent user is not in the room", .rejected(v11: "5", v12: "6")) { room in
            room.setMembership("@\u{E9}:a", .join)
            return room.event(EventType.roomMessage, by: "@e\u{301}:a")
        },
        .init("who may invite announces a third-party invite", .allowed) {
            $0.event(EventType.roomThirdPartyInvite, by: "@moderator:a", stateKey: "token")
        },
        .init("power equal to the invite level is enough to announce one", .allowed) { room in
            room.changeLevels { $0["invite"] = 50 }
            return room.event(EventType.roomThirdPartyInvite, by: "@moderator:a", stateKey: "token")
        },
        .init("who may not invite announces none", .rejected(v11: "6", v12: "7")) {
            $0.event(EventType.roomThirdPartyInvite, by: "@member:a", stateKey: "token")
        },
        .init("the invite level alone decides about third-party invites", .allowed) { room in
            room.changeLevels {
                $0["invite"] = 0
                $0["events"] = ["m.room.third_party_invite": 100]
            }
            return room.event(EventType.roomThirdPartyInvite, by: "@member:a", stateKey: "token")
        },
        .init("a member cannot set state by default", .rejected(v11: "7", v12: "8")) {
            $0.event(EventType.roomTopic, by: "@member:a", stateKey: "")
        },
        .init("a moderator sets state by default", .allowed) {
            $0.event(EventType.roomTopic, by: "@moderator:a", stateKey: "")
        },
        .init("state is open to all when state_default says so", .allowed) { room in
            room.changeLevels { $0["state_default"] = 0 }
            return room.event(EventType.roomTopic, by: "@member:a", stateKey: "")
        },
        .init("messages are closed when events_default says so", .rejected(v11: "7", v12: "8")) { room in
            room.changeLevels { $0["events_default"] = 1 }
            return room.event(EventType.roomMessage, by: "@member:a")
        },
        .init("an event type's own level counts before the default", .rejected(v11: "7", v12: "8")) {
            $0.event("m.custom", by: "@moderator:a")
        },
        .init("users_default gives power to all", .allowed) { room in
            room.changeLevels { $0["users_default"] = 50 }
            return room.event(EventType.roomTopic, by: "@member:a", stateKey: "")
        },
        .init("a user owns the state under their ID", .allowed) {
            $0.event("m.beacon", by: "@moderator:a", stateKey: "@moderator:a")
        },
        .init("nobody sets state under another user's ID", .rejected(v11: "8", v12: "9")) {
            $0.event("m.beacon", by: "@admin:a", stateKey: "@moderator:a")
        },
        .init("a state key with @ further on is nobody's", .allowed) {
            $0.event("m.beacon", by: "@admin:a", stateKey: "_@moderator:a")
        },
        .init("the redact level is not asked for a redaction event", .allowed) {
            $0.event(EventType.roomRedaction, by: "@member:a", ["redacts": "$other"])
        },
        .init("a room without a create event allows nothing", .rejected(v11: "2.4", v12: "2")) { room in
            room.remove(EventType.roomCreate)
            return room.event(EventType.roomMessage, by: "@admin:a")
        },
    ]

    // MARK: Rule 1

    @Test(arguments: RoomVersionRules.supported)
    func createEvents(rules: RoomVersionRules) {
        func rule(
            roomID: String? = nil, prevEvents: [EventID] = [], content: JSONObject = ["room_version": "11"]
        ) -> String? {
            TestRoom(rules).rejectingRule(
                of: TestRoom.create(rules, roomID: roomID, prevEvents: prevEvents, content: content))
        }
        #expect(rule() == nil)
        #expect(rule(content: [:]) == nil, "no version at all is allowed")
        #expect(rule(prevEvents: [EventID("$previous")!]) == "1.1")
        #expect(rule(roomID: rules.roomIDIsCreateEventHash ? "!room:a" : "!room:b") == "1.2")
        #expect(rule(roomID: "!other") == "1.2")
        #expect(rule(content: ["room_version": "unheard-of"]) == "1.3")
        #expect(rule(content: ["room_version": 12]) == "1.3")
    }

    @Test(
        arguments: [
            (["@a:x", "@Historical!:y"], nil), ([], nil), ("@a:x", "1.4"), (["@a:x", "alice"], "1.4"),
            (["@a:x", 1], "1.4"),
            ([:], "1.4"),
        ] as [(JSONValue, String?)])
    func additionalCreatorsAreUserIDsInVersion12(creators: JSONValue, rule: String?) {
        let content: JSONObject = ["room_version": "12", "additional_creators": creators]
        for (rules, expected) in [(RoomVersionRules.v11, nil), (.v12, rule)] {
            let event = TestRoom.create(rules, content: content)
            #expect(TestRoom(rules).rejectingRule(of: event) == expected)
        }
    }

    // MARK: The room's create event

    /// Rule 39.
    @Test func theRoomIDStandsForTheCreateEventInVersion12() {
        let room = TestRoom(.v12)
        let event = room.event(EventType.roomMessage, by: "@admin:a", roomID: RoomID("!other")!)
        #expect(room.rejectingRule(of: event) == "2")
    }

    /// Rule 39.
    @Test(arguments: RoomVersionRules.supported)
    func aRoomCanBeForTheCreatorsServerOnly(rules: RoomVersionRules) {
        for (federate, expected) in [(JSONValue.bool(false), rules == .v11 ? "3" : "4"), (true, nil)] {
            var room = TestRoom(rules, createContent: ["m.federate": federate])
            room.setMembership("@remote:b", .join)
            #expect(room.rejectingRule(of: room.event(EventType.roomMessage, by: "@remote:b")) == expected)
            #expect(room.rejectingRule(of: room.event(EventType.roomMessage, by: "@member:a")) == nil)
        }
    }
}
