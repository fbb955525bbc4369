import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

/// https://spec.matrix.org/v1.19/server-server-api/#auth-events-selection
struct AuthEventsTests {
    private static let create = StateTuple(EventType.roomCreate)
    private static let powerLevels = StateTuple(EventType.roomPowerLevels)
    private static let joinRules = StateTuple(EventType.roomJoinRules)
    private static func member(_ user: String) -> StateTuple { StateTuple(EventType.roomMember, user) }

    /// Without the create event and what every event names.
    private func further(
        _ type: String, stateKey: String?, _ content: JSONObject = [:], rules: RoomVersionRules
    ) -> Set<StateTuple> {
        let tuples = EventAuthorization.authEventTuples(
            type: type, stateKey: stateKey, sender: UserID("@sender:a")!, content: content, rules: rules)
        #expect(Set(tuples).count == tuples.count, "no tuple stands twice")
        let always: Set = [Self.powerLevels, Self.member("@sender:a")]
        #expect(always.isSubset(of: tuples))
        #expect(tuples.contains(Self.create) == (rules == .v11))
        return Set(tuples).subtracting(always).subtracting([Self.create])
    }

    /// Rule 37.
    @Test(arguments: RoomVersionRules.supported)
    func everyEventNamesPowerLevelsAndSender(rules: RoomVersionRules) {
        #expect(further(EventType.roomMessage, stateKey: nil, ["membership": "join"], rules: rules) == [])
        #expect(further(EventType.roomJoinRules, stateKey: "", rules: rules) == [])
    }

    /// Rule 37.
    @Test(arguments: RoomVersionRules.supported)
    func createEventsNameNothing(rules: RoomVersionRules) {
        let tuples = EventAuthorization.authEventTuples(
            type: EventType.roomCreate, stateKey: "", sender: UserID("@sender:a")!, content: [:], rules: rules)
        #expect(tuples == [])
    }

    /// Rule 37.
    @Test(arguments: RoomVersionRules.supported)
    func membershipsNameTargetAndJoinRules(rules: RoomVersionRules) {
        func further(_ content: JSONObject, stateKey: String = "@target:a") -> Set<StateTuple> {
            self.further(EventType.roomMember, stateKey: stateKey, content, rules: rules)
        }
        let target = Self.member("@target:a")
        for membership in ["join", "invite", "knock"] {
            #expect(further(["membership": .string(membership)]) == [target, Self.joinRules])
        }
        for membership in ["leave", "ban"] { #expect(further(["membership": .string(membership)]) == [target]) }
        #expect(further(["membership": "join"], stateKey: "@sender:a") == [Self.joinRules])
        let via: JSONObject = ["membership": "join", "join_authorised_via_users_server": "@via:a"]
        #expect(further(via) == [target, Self.joinRules, Self.member("@via:a")])
        let knockVia: JSONObject = ["membership": "knock", "join_authorised_via_users_server": "@via:a"]
        #expect(further(knockVia) == [target, Self.joinRules], "only joins are authorised by others")
        let byAddress: JSONObject = ["membership": "invite", "third_party_invite": ["signed": ["token": "abc"]]]
        #expect(
            further(byAddress) == [target, Self.joinRules, StateTuple(EventType.roomThirdPartyInvite, "abc")])
    }

    // MARK: checkAuthEvents

    private func rule(_ rules: RoomVersionRules, _ change: (inout [PersistentDataUnit], TestRoom) -> Void) -> String? {
        let room = TestRoom(rules)
        var authEvents = [Self.create, Self.powerLevels, Self.member("@member:a")]
            .filter { $0 != Self.create || rules.createEventIsAuthEvent }
            .map { room.state[$0]! }
        change(&authEvents, room)
        do throws(AuthorizationError) {
            let event = room.event(EventType.roomMessage, by: "@member:a")
            try EventAuthorization.checkAuthEvents(event, authEvents: authEvents, rules: rules)
            return nil
        } catch { return error.rule }
    }

    /// Rule 37.
    @Test(arguments: RoomVersionRules.supported)
    func theSelectionIsAccepted(rules: RoomVersionRules) {
        #expect(rule(rules) { _, _ in } == nil)
        #expect(rule(rules) { events, _ in events.removeLast() } == nil, "missing ones are for the other rules to see")
    }

    /// Rule 38.
    @Test(arguments: [(RoomVersionRules.v11, "2"), (.v12, "3")])
    func anythingElseIsRejected(rules: RoomVersionRules, number: String) {
        #expect(rule(rules) { events, _ in events.append(events.last!) } == "\(number).1")
        #expect(rule(rules) { events, room in events.append(room.state[Self.joinRules]!) } == "\(number).2")
        #expect(rule(rules) { events, room in events.append(room.state[Self.member("@admin:a")]!) } == "\(number).2")
        #expect(
            rule(rules) { events, room in events.append(room.event(EventType.roomMessage, by: "@admin:a")) }
                == "\(number).2")
        #expect(
            rule(rules) { events, room in
                events[events.count - 1] = room.event(
                    EventType.roomMember, by: "@member:a", stateKey: "@member:a", roomID: RoomID("!other:a")!)
            } == "\(number).5")
    }

    /// Rules 37 and 39.
    @Test func theCreateEventIsNamedInVersion11Only() {
        #expect(rule(.v11) { events, _ in events.removeFirst() } == "2.4")
        #expect(rule(.v12) { events, room in events.append(room.createEvent) } == "3.2")
    }
}
