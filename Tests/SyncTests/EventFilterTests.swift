import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Sync
import Testing

@Suite struct EventFilterTests {
    @Test(arguments: [
        ("m.room.message", "m.room.message", true), ("m.room.message", "m.room.*", true),
        ("m.room.message", "*", true), ("", "*", true), ("", "", true), ("m.room.message", "m.room.mess", false),
        ("m.room.message", "*.message", true), ("m.room.message", "m.*.message", true),
        ("m.room.message", "m.*message*", true), ("m.room.message", "*room*", true), ("m.room", "m.room.*", false),
        ("m.room.", "m.room.*", true), ("aXbXc", "a*b*c", true), ("aXbX", "a*b*c", false), ("ab", "a*b*", true),
        ("aab", "a*ab", true), ("ab", "ab*ab", false), ("abab", "ab*ab", true), ("a.b", "a?b", false),
        ("M.ROOM.NAME", "m.room.*", false), ("caf\u{E9}", "cafe\u{301}", false), ("x한글y", "x*글*", true),
        ("**", "*", true), ("a", "**", true), ("a*c", "a*c", true),
    ])
    func starsStandForAnything(text: String, pattern: String, isMatch: Bool) {
        #expect(EventFilter.matches(text, pattern: pattern) == isMatch)
    }

    /// Rule 67.
    @Test func whatIsNotWantedWins() throws {
        let filter = try EventFilter(json: ["types": ["m.*"], "not_types": ["m.room.*"]])
        #expect(filter.passes(type: "m.reaction"))
        #expect(!filter.passes(type: "m.room.message"))
        #expect(!filter.passes(type: "x.other"))
        let rooms = try EventFilter(json: ["rooms": ["!a:test", "!b:test"], "not_rooms": ["!b:test"]])
        #expect(rooms.passes(room: RoomID("!a:test")!))
        #expect(!rooms.passes(room: RoomID("!b:test")!))
        #expect(!rooms.passes(room: RoomID("!c:test")!))
        #expect(try !EventFilter(json: ["types": []]).passes(type: "m.room.message"))
    }

    /// Rule 67.
    @Test func limitsAreBounded() throws {
        #expect(throws: MatrixError.self) { try EventFilter(json: ["limit": -1]) }
        #expect(try SyncFilter(json: [:]).timelineLimit == 10)
        #expect(try SyncFilter(json: ["room": ["timeline": ["limit": 0]]]).timelineLimit == 0)
        #expect(try SyncFilter(json: ["room": ["timeline": ["limit": 5_000]]]).timelineLimit == 100)
    }

    @Test(
        arguments: [
            ["room": ["timeline": "x"]], ["room": ["timeline": ["types": [1]]]], ["room": 5], ["event_fields": "x"],
            ["room": ["include_leave": "true"]],
        ] as [JSONObject])
    func whatIsNoFilterIsRefused(json: JSONObject) {
        #expect(throws: MatrixError.self) { try SyncFilter(json: json) }
    }

    @Test(
        arguments: [
            ("s0", 0, 0), ("s12", 12, 0), ("s12_7", 12, 7), ("s9223372036854775807", .max, 0),
        ] as [(String, Int64, Int64)])
    func tokensAreRead(text: String, position: Int64, serial: Int64) throws {
        let token = try #require(SyncToken(text))
        #expect(token == SyncToken(position: StreamPosition(position), typingSerial: serial))
        #expect(token.description == text)
    }

    @Test(arguments: [
        "", "s", "12", "t12", "s-1", "s1_", "s1_-1", "s1_2_3_4", "s1_x", "sx", "s 1", "s1 ", "s9223372036854775808",
    ])
    func whatIsNoTokenIsRefused(text: String) { #expect(SyncToken(text) == nil) }
}
