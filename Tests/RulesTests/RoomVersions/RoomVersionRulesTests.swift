import MatrixIdentifiers
import Rules
import Testing

struct RoomVersionRulesTests {
    @Test func versionsAreFoundByTheirIdentifier() {
        #expect(RoomVersionRules.named("11") == .v11)
        #expect(RoomVersionRules.named("12") == .v12)
        for identifier in ["", "1", "10", "13", "012", "org.matrix.msc4289"] {
            #expect(RoomVersionRules.named(identifier) == nil)
        }
        #expect(RoomVersionRules.default == .v12)
        #expect(RoomVersionRules.supported.map(\.identifier) == ["11", "12"])
    }

    /// Rule 39.
    @Test func roomIDsOfVersion12StandForTheirCreateEvent() throws {
        let createEvent = try #require(EventID("$31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"))
        let room = RoomID(createEventID: createEvent)
        #expect(room.string == "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM")
        #expect(room.createEventID == createEvent)
        #expect(room.isDerived(from: createEvent))
        #expect(try !room.isDerived(from: #require(EventID("$other"))))
        #expect(try #require(RoomID("!room:example.org")).createEventID == nil)
    }
}
