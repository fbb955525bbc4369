import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

@Suite struct TimelineTests {
    private func pages(
        of roomID: RoomID, for user: TestUser, on server: TestServer, _ direction: TimelineDirection, limit: Int,
        from: StreamPosition? = nil, isWanted: @escaping @Sendable (RoomEvent) -> Bool = { _ in true }
    ) async throws -> [EventID] {
        var events: [EventID] = []
        var from = from
        for _ in 0..<1_000 {
            let page = try await server.rooms.messages(
                in: roomID, userID: user.userID, from: from, to: nil, direction: direction, limit: limit,
                isWanted: isWanted)
            #expect(page.events.count <= limit)
            events += page.events.map(\.eventID)
            guard let end = page.end else { return events }
            from = end
        }
        Issue.record("the pages have no end")
        return events
    }

    /// Two rooms at once, so that positions have gaps.
    private func withLongRoom(
        _ body: (TestServer, TestUser, RoomID, [EventID]) async throws -> Void
    ) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let other = try await server.room(of: [alice])
            for number in 0..<130 { try await server.say("\(number)", as: alice, in: number % 3 == 0 ? other : roomID) }
            let history = try await RoomHistory(roomID, of: server).entries.map(\.pdu.eventID)
            try await body(server, alice, roomID, history)
        }
    }

    /// Rule 110.
    @Test(arguments: [1, 2, 7, 49, 50, 51, 500]) func pagesJoinWithoutASeam(limit: Int) async throws {
        try await withLongRoom { server, alice, roomID, history throws in
            #expect(try await pages(of: roomID, for: alice, on: server, .backward, limit: limit) == history.reversed())
            #expect(try await pages(of: roomID, for: alice, on: server, .forward, limit: limit) == history)
            // From the middle, both ways: every event once.
            let middle = try await server.rooms.event(history[30], in: roomID, userID: alice.userID).position
            let before = try await pages(of: roomID, for: alice, on: server, .backward, limit: limit, from: middle)
            let after = try await pages(of: roomID, for: alice, on: server, .forward, limit: limit, from: middle)
            #expect(before.reversed() + after == history)
        }
    }

    /// Rule 110.
    @Test func filteredPagesJoinToo() async throws {
        try await withLongRoom { server, alice, roomID, history throws in
            let isWanted: @Sendable (RoomEvent) -> Bool = { $0.content["body"]?.stringValue?.hasSuffix("1") == true }
            let wanted = try await pages(of: roomID, for: alice, on: server, .forward, limit: 3, isWanted: isWanted)
            let back = try await pages(of: roomID, for: alice, on: server, .backward, limit: 2, isWanted: isWanted)
            #expect(wanted.count == 9)
            #expect(back == wanted.reversed())
        }
    }

    /// Rule 111.
    @Test(arguments: [0, 1, 2, 5, 10]) func aContextHasNoMoreThanItsLimit(limit: Int) async throws {
        try await withLongRoom { server, alice, roomID, history throws in
            let context = try await server.rooms.context(
                of: history[40], in: roomID, userID: alice.userID, limit: limit, isWanted: { _ in true })
            let (before, after) = (context.before.events.map(\.eventID), context.after.events.map(\.eventID))
            let shown: [EventID] = before.reversed() + [context.event.eventID] + after
            #expect(shown == Array(history[(40 - limit / 2)...(40 + limit - limit / 2)]))
            let earlier = try await pages(
                of: roomID, for: alice, on: server, .backward, limit: 20, from: context.start)
            let later = try await pages(of: roomID, for: alice, on: server, .forward, limit: 20, from: context.end)
            #expect(earlier.reversed() + before.reversed() + [context.event.eventID] + after + later == history)
        }
    }

    /// What each visibility shows to one who is invited, joins, leaves and comes again.
    @Test(arguments: [
        ("world_readable", ["early", "invited", "in", "away", "again"]),
        ("shared", ["early", "invited", "in", "away", "again"]),
        ("invited", ["invited", "in", "again"]), ("joined", ["in", "again"]),
    ])
    func historyVisibilityDecidesWhatAMemberSees(visibility: String, seen: [String]) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let (alice, bob) = (users[0], users[1])
            let roomID = try await server.room(of: [alice], visibility: visibility)
            try await server.say("early", as: alice, in: roomID)
            try await server.rooms.invite(bob.userID, to: roomID, by: alice.userID, reason: nil)
            try await server.say("invited", as: alice, in: roomID)
            try await server.rooms.join(roomID, userID: bob.userID, reason: nil)
            try await server.say("in", as: alice, in: roomID)
            try await server.rooms.leave(roomID, userID: bob.userID, reason: nil)
            try await server.say("away", as: alice, in: roomID)
            func bodies() async throws -> [String] {
                try await server.rooms.messages(
                    in: roomID, userID: bob.userID, from: nil, to: nil, direction: .forward, limit: 99,
                    isWanted: { $0.type == "m.room.message" }
                ).events.compactMap { $0.content["body"]?.stringValue }
            }
            let whileAway =
                visibility == "world_readable"
                ? seen.filter { $0 != "again" } : seen.filter { !["away", "again"].contains($0) }
            #expect(try await bodies() == whileAway)
            try await server.rooms.join(roomID, userID: bob.userID, reason: nil)
            try await server.say("again", as: alice, in: roomID)
            #expect(try await bodies() == seen)
            // The timeline of a sync keeps to the same.
            #expect(
                try await server.sync(bob, filter: ["room": ["timeline": ["limit": 90]]]).room(roomID)?.bodies == seen)
        }
    }
}
