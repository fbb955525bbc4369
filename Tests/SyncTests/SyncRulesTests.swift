import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// The rules of `/sync` that implementers get wrong, by their numbers in `docs/rules.md`.
@Suite struct SyncRulesTests {
    private func timeline(_ limit: Int64, _ more: JSONObject = [:]) -> JSONObject {
        var timeline = more
        timeline["limit"] = .integer(limit)
        return ["room": ["timeline": .object(timeline)]]
    }

    private let lazily: JSONObject = [
        "room": ["state": ["lazy_load_members": true], "timeline": ["limit": 1, "lazy_load_members": true]]
    ]

    private func members(_ events: [JSONValue]) -> Set<String> {
        Set(events.filter { $0["type"] == "m.room.member" }.compactMap { $0["state_key"]?.stringValue })
    }

    private func name(_ name: String, _ roomID: RoomID, by user: TestUser, on server: TestServer) async throws {
        _ = try await server.rooms.setState(
            "m.room.name", stateKey: "", content: ["name": .string(name)], in: roomID, sender: user.userID)
    }

    /// Rule 56: a gap is marked, and what is in it is had by `prev_batch`.
    @Test func aGapIsLimitedAndItsTokenLeadsIntoIt() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let first = try await server.sync(users[1], filter: timeline(2))
            #expect(first.room(roomID)?.isLimited == true)
            for number in 0..<4 { try await server.say("\(number)", as: users[0], in: roomID) }
            let exact = try await server.sync(users[1], since: first.nextBatch, filter: timeline(4))
            #expect(exact.room(roomID)?.isLimited == false)
            let gap = try #require(
                try await server.sync(users[1], since: first.nextBatch, filter: timeline(2)).room(roomID))
            #expect(gap.isLimited)
            #expect(gap.bodies == ["2", "3"])
            let before = try await server.rooms.messages(
                in: roomID, userID: users[1].userID, from: try #require(SyncToken(gap.previousBatch)).position, to: nil,
                direction: .backward, limit: 1, isWanted: { _ in true })
            #expect(before.events.first?.content["body"] == "1")
        }
    }

    /// Rule 57: the state is that before the timeline, or that after it, and never both.
    @Test func stateIsOfOneMoment() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let since = try await server.sync(users[1]).nextBatch
            try await name("in the gap", roomID, by: users[0], on: server)
            try await server.say("hello", as: users[0], in: roomID)
            try await name("in the timeline", roomID, by: users[0], on: server)
            for usesStateAfter in [false, true] {
                let answer = try await server.sync(
                    users[1], since: since, filter: timeline(2), usesStateAfter: usesStateAfter)
                let room = try #require(answer.room(roomID))
                #expect((room.json["state"] == nil) == usesStateAfter)
                #expect((room.json["state_after"] == nil) == !usesStateAfter)
                let events = usesStateAfter ? room.stateAfter : room.state
                let expected = usesStateAfter ? "in the timeline" : "in the gap"
                #expect(events.map { $0["content"]?["name"]?.stringValue } == [expected])
            }
        }
    }

    /// Rule 57: a state event that the filter takes out of the timeline is still sent, as state.
    @Test(arguments: [1, 50] as [Int64]) func filteredStateIsNotLost(limit: Int64) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[1]])
            let filter = timeline(limit, ["types": ["m.room.message"]])
            let whole = try #require(try await server.sync(users[1], filter: filter).room(roomID))
            #expect(whole.state.count == (try await server.presentState(roomID).count))
            let since = try await server.sync(users[1], filter: filter).nextBatch
            try await name("tea", roomID, by: users[0], on: server)
            try await server.say("one", as: users[0], in: roomID)
            try await server.say("two", as: users[0], in: roomID)
            try await server.rooms.join(roomID, userID: users[2].userID, reason: nil)
            let room = try #require(try await server.sync(users[1], since: since, filter: filter).room(roomID))
            #expect(room.bodies.last == "two")
            #expect(room.state.contains { $0["content"]?["name"] == "tea" })
            #expect(members(room.state) == [users[2].userID.string])
            #expect(room.json["summary"]?["m.joined_member_count"] == 3)
        }
    }

    /// Rule 59: a member is sent when he is first needed, then not again, but after a gap.
    @Test func lazyMembersAreSentOnce() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users)
            try await name("tea", roomID, by: users[0], on: server)
            try await server.say("0", as: users[0], in: roomID)
            let first = try await server.sync(users[1], filter: lazily)
            #expect(members(first.room(roomID)?.state ?? []) == Set(users[0...1].map(\.userID.string)))
            try await server.say("1", as: users[2], in: roomID)
            let second = try await server.sync(users[1], since: first.nextBatch, filter: lazily)
            #expect(members(second.room(roomID)?.state ?? []) == [users[2].userID.string])
            // The answer got lost: the client, which asks with the old token, gets the member again.
            let again = try await server.sync(users[1], since: first.nextBatch, filter: lazily)
            #expect(members(again.room(roomID)?.state ?? []) == [users[2].userID.string])
            try await server.say("2", as: users[2], in: roomID)
            let third = try await server.sync(users[1], since: again.nextBatch, filter: lazily)
            #expect(third.room(roomID)?.bodies == ["2"])
            #expect(members(third.room(roomID)?.state ?? []) == [])
            let redundant: JSONObject = [
                "room": ["state": ["lazy_load_members": true, "include_redundant_members": true]]
            ]
            let redundantly = try await server.sync(users[1], since: again.nextBatch, filter: redundant)
            #expect(members(redundantly.room(roomID)?.state ?? []) == [users[2].userID.string])
            // Another device of his knows nothing of that.
            let tablet = try await server.user("bob", device: "TABLET")
            let onTablet = try await server.sync(tablet, since: again.nextBatch, filter: lazily)
            #expect(members(onTablet.room(roomID)?.state ?? []) == [users[2].userID.string])
            for number in 3...5 { try await server.say("\(number)", as: users[2], in: roomID) }
            let gap = try await server.sync(users[1], since: third.nextBatch, filter: lazily)
            #expect(gap.room(roomID)?.isLimited == true)
            #expect(members(gap.room(roomID)?.state ?? []) == [users[2].userID.string])
            try await server.say("6", as: users[2], in: roomID)
            try await server.afterRestart { next throws in
                let answer = try await next.sync(users[1], since: gap.nextBatch, filter: lazily)
                #expect(members(answer.room(roomID)?.state ?? []) == [users[2].userID.string])
            }
        }
    }

    /// Rule 59: what is remembered is bounded, and what is forgotten is sent again.
    @Test func lazyMemoryIsBounded() {
        var memory = LazyMembers()
        let room = RoomNumber(1)
        func users(_ range: Range<Int>) -> Set<ByteExactString> { Set(range.map { ByteExactString("@\($0):test") }) }
        func unknown(_ device: Int64) -> Int {
            memory.unknown(users(0..<10), to: DeviceNumber(device), in: room, since: StreamPosition(5)).count
        }
        for device in 1...11 as ClosedRange<Int64> {
            memory.note(users(0..<10), to: DeviceNumber(device), in: room, at: StreamPosition(5), isFirst: true)
        }
        #expect(unknown(1) == 10)
        #expect(unknown(11) == 0)
        memory.note(users(0..<10), to: DeviceNumber(11), in: room, at: StreamPosition(6), isFirst: false)
        #expect(unknown(11) == 10)
        memory.note(users(0..<6_000), to: DeviceNumber(10), in: room, at: StreamPosition(5), isFirst: false)
        #expect(unknown(10) == 10)
    }

    /// Rule 60: the summary comes when what it says has changed.
    @Test func theSummaryComesWhenItChanges() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[1]])
            var since = try await server.sync(users[1], filter: timeline(1)).nextBatch
            func summary() async throws -> JSONValue? {
                let answer = try await server.sync(users[1], since: since, filter: timeline(1))
                since = answer.nextBatch
                return try #require(answer.room(roomID)).json["summary"]
            }
            for number in 0..<3 { try await server.say("\(number)", as: users[0], in: roomID) }
            #expect(try await summary() == nil)
            try await server.rooms.join(roomID, userID: users[2].userID, reason: nil)
            for number in 3..<6 { try await server.say("\(number)", as: users[0], in: roomID) }
            let joined = try await summary()
            #expect(joined?["m.joined_member_count"] == 3)
            #expect(joined?["m.heroes"] == .array([users[0], users[2]].map { .string($0.userID.string) }))
            try await name("tea", roomID, by: users[0], on: server)
            #expect(try await summary()?["m.heroes"] == nil)
            try await name("", roomID, by: users[0], on: server)
            #expect(try await summary()?["m.heroes"] != nil)
        }
    }

    /// Rules 61 and 64: the rooms that were left come with the whole state too, if the client wants them.
    @Test func fullStateHasTheRoomsThatWereLeft() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let left = try await server.room(of: users)
            let present = try await server.room(of: users)
            try await server.rooms.leave(left, userID: users[1].userID, reason: nil)
            for number in 0..<5 { try await server.say("\(number)", as: users[0], in: present) }
            let since = try await server.sync(users[1]).nextBatch
            for includesLeft in [false, true] {
                let filter: JSONObject = ["room": ["include_leave": .bool(includesLeft), "timeline": ["limit": 2]]]
                let answer = try await server.sync(
                    users[1], since: since, filter: filter, timeoutMilliseconds: 30_000, wantsFullState: true)
                let room = try #require(answer.room(present))
                #expect(room.state.contains { $0["type"] == "m.room.create" })
                #expect(room.timeline.isEmpty)
                #expect((answer.room(left, "leave") != nil) == includesLeft)
            }
        }
    }

    /// Rule 66: a token is good for ever, also one with more in it than this release knows what to do with.
    @Test func tokensAreGoodForEver() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let first = try await server.sync(users[1]).nextBatch
            let event = try await server.say("hello", as: users[0], in: roomID)
            try await server.afterRestart { next throws in
                for token in [first, first + "~connection~3"] {
                    #expect(try await next.sync(users[1], since: token).room(roomID)?.eventIDs == [event.string])
                }
                let future = try await next.sync(users[1], since: "s999999999")
                #expect(future.json["rooms"] == nil)
                try await next.say("later", as: users[0], in: roomID)
                #expect(try await next.sync(users[1], since: future.nextBatch).room(roomID)?.bodies == ["later"])
            }
        }
    }

    /// Rule 67: each section has its filter, and the filter of rooms holds for all of them.
    @Test func everySectionIsFiltered() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let other = try await server.room(of: users)
            let number = try await server.rooms.room(roomID).number
            for type in ["x.a", "x.b"] {
                try await server.accounts.setAccountData(type, of: users[1].userID, room: nil, content: [:])
                try await server.accounts.setAccountData(type, of: users[1].userID, room: number, content: [:])
            }
            let event = try await server.say("hello", as: users[0], in: roomID)
            try await server.rooms.mark([.init(type: .read, eventID: event)], in: roomID, userID: users[0].userID)
            server.rooms.typing.start(
                users[0].userID, in: try await server.rooms.room(roomID), timeoutMilliseconds: 9_000)
            let answer = try await server.sync(
                users[1],
                filter: [
                    "account_data": ["types": ["x.a"]],
                    "room": [
                        "rooms": [.string(roomID.string)], "account_data": ["not_types": ["x.a"]],
                        "ephemeral": ["types": ["m.typing"]], "state": ["types": ["m.room.create"]],
                        "timeline": ["limit": 1],
                    ],
                ])
            #expect(answer.json["account_data"]?["events"]?.arrayValue?.count == 1)
            let room = try #require(answer.room(roomID))
            #expect(answer.room(other) == nil)
            #expect(room.json["account_data"]?["events"]?.arrayValue?.map { $0["type"] } == ["x.b"])
            #expect(room.ephemeral("m.receipt") == nil)
            #expect(room.typists == [users[0].userID.string])
            #expect(room.state.map { $0["type"] } == ["m.room.create"])
        }
    }

    /// Rule 71: after a restart nobody is typing any more, and clients that think so are told.
    @Test func aRestartEndsTyping() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let quiet = try await server.room(of: users)
            let room = try await server.rooms.room(roomID)
            let before = try await server.sync(users[1]).nextBatch
            server.rooms.typing.start(users[0].userID, in: room, timeoutMilliseconds: 9_000)
            let typing = try await server.sync(users[1], since: before)
            #expect(typing.room(roomID)?.typists == [users[0].userID.string])
            server.clock.advance(milliseconds: 5_000)
            try await server.afterRestart { next throws in
                let answer = try await next.sync(users[1], since: typing.nextBatch, timeoutMilliseconds: 30_000)
                #expect(answer.room(roomID)?.typists == [])
                #expect(answer.room(quiet) == nil)
                #expect(try await next.sync(users[1], since: answer.nextBatch).json["rooms"] == nil)
                // Who never heard of it is told nothing.
                #expect(try await next.sync(users[1], since: before).json["rooms"] == nil)
            }
        }
    }

    /// Rule 72: events in `/sync` do not repeat the room.
    @Test func eventsHaveNoRoomID() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let room = try #require(try await server.sync(alice).room(roomID))
            #expect((room.state + room.timeline).allSatisfy { $0["room_id"] == nil && $0["event_id"] != nil })
        }
    }

    /// Rule 60: a room without a name is known by five others at most, by those who were there when nobody is left.
    @Test func heroesAreAFewOthers() async throws {
        try await TestServer.run { server throws in
            var users: [TestUser] = []
            for number in 0..<7 { users.append(try await server.user("user\(number)")) }
            let roomID = try await server.room(of: users)
            func heroes(_ user: TestUser) async throws -> [String]? {
                try await server.sync(user).room(roomID)?.json["summary"]?["m.heroes"]?.strings
            }
            let ids = users.map(\.userID.string)
            #expect(try await heroes(users[0]) == Array(ids[1...5]))
            #expect(try await heroes(users[3]) == [ids[0], ids[1], ids[2], ids[4], ids[5]])
            try await server.rooms.ban(users[1].userID, from: roomID, by: users[0].userID, reason: nil)
            #expect(try await heroes(users[0]) == Array(ids[2...6]))
            for user in users[2...] { try await server.rooms.leave(roomID, userID: user.userID, reason: nil) }
            #expect(try await Set(heroes(users[0]) ?? []).isSubset(of: Set(ids[1...])))
            #expect(try await heroes(users[0])?.count == 5)
            try await name("tea", roomID, by: users[0], on: server)
            #expect(try await heroes(users[0]) == nil)
        }
    }
}
