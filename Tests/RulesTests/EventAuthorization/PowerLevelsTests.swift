import CanonicalJSON
import MatrixIdentifiers
import Rules
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#mroompower_levels
struct PowerLevelsTests {
    private let creator = UserID("@creator:a")!
    private let user = UserID("@user:a")!

    private func levels(_ content: JSONObject?, _ rules: RoomVersionRules = .v12) -> PowerLevels {
        PowerLevels(content: content, creators: [creator], rules: rules)
    }

    /// Rule 44.
    @Test(arguments: [nil, [:]] as [JSONObject?])
    func whatIsLeftOutHasDefaults(content: JSONObject?) {
        let levels = levels(content)
        #expect(levels.ban == 50)
        #expect(levels.kick == 50)
        #expect(levels.redact == 50)
        #expect(levels.invite == 0)
        #expect(levels.usersDefault == 0)
        #expect(levels.notifications("room") == 50)
        #expect(levels.required(forType: "m.room.topic", isState: true) == 50)
        #expect(levels.required(forType: "m.room.message", isState: false) == 0)
        #expect(levels.level(of: user) == .level(0))
    }

    /// Rule 44.
    @Test func whatIsSaidCounts() {
        let levels = levels([
            "ban": 1, "kick": 2, "redact": 3, "invite": 4, "users_default": 5, "events_default": 6, "state_default": 7,
            "notifications": ["room": 8], "events": ["m.room.topic": 9, "m.room.message": 10], "users": ["@user:a": -1],
        ])
        #expect([levels.ban, levels.kick, levels.redact, levels.invite, levels.usersDefault] == [1, 2, 3, 4, 5])
        #expect(levels.required(forType: "m.other", isState: false) == 6)
        #expect(levels.required(forType: "m.other", isState: true) == 7)
        #expect(levels.notifications("room") == 8)
        #expect(levels.required(forType: "m.room.topic", isState: true) == 9)
        #expect(levels.required(forType: "m.room.message", isState: false) == 10)
        #expect(levels.level(of: user) == .level(-1))
        #expect(levels.level(of: UserID("@other:a")!) == .level(5))
    }

    /// Rule 44.
    @Test func theCreatorHas100InVersion11UntilThereArePowerLevels() {
        #expect(levels(nil, .v11).level(of: creator) == .level(100))
        #expect(levels([:], .v11).level(of: creator) == .level(0))
        #expect(levels(nil, .v11).level(of: user) == .level(0))
    }

    /// Rules 40 and 44.
    @Test func theCreatorIsAboveAllInVersion12() {
        #expect(levels(nil).level(of: creator) == .infinite)
        #expect(levels(["users": ["@creator:a": 0]]).level(of: creator) == .infinite)
        #expect(PowerLevel.infinite > .level(.max))
        #expect(!(PowerLevel.infinite < .infinite))
        #expect(PowerLevel.level(1) < .level(2))
    }

    /// Rule 40.
    @Test func additionalCreatorsCountFromVersion12On() {
        let event = TestRoom.create(.v12, content: ["additional_creators": ["@second:a", "not a user"]])
        #expect(PowerLevels.creators(of: event, rules: .v11) == [creator])
        #expect(PowerLevels.creators(of: event, rules: .v12) == [creator, UserID("@second:a")!])
    }

    @Test(arguments: RoomVersionRules.supported)
    func levelsFromEventsAreTheSame(rules: RoomVersionRules) {
        let room = TestRoom(rules, createContent: ["additional_creators": ["@second:a"]])
        let creators = PowerLevels.creators(of: room.createEvent, rules: rules)
        for event in [room.state[StateTuple("m.room.power_levels")], nil] {
            let fromSet = PowerLevels(content: event?.content, creators: creators, rules: rules)
            let fromEvents = PowerLevels(event: event, createEvent: room.createEvent, rules: rules)
            for name in ["@creator:a", "@second:a", "@admin:a", "@member:a"] {
                #expect(fromSet.level(of: UserID(name)!) == fromEvents.level(of: UserID(name)!), "\(name)")
            }
        }
    }
}
