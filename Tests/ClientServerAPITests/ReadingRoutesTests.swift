import CanonicalJSON
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// Finding and reading events and rooms.
@Suite struct ReadingRoutesTests {
    private func ids(_ answer: Answer, _ key: String = "chunk") -> [String] {
        (answer.json[key]?.arrayValue ?? []).compactMap { $0["event_id"]?.stringValue }
    }

    // MARK: Timestamps

    /// Rule 33.
    @Test func anEventIsFoundByItsTimeThoughTimesGoBack() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            server.clock.advance(milliseconds: 1_000)
            let start = server.clock.now
            var events: [EventID] = []
            // The third is dated far forward, the fourth back again.
            for (number, step) in [0, 10, 100_000, -99_980, 10].enumerated() {
                server.clock.advance(milliseconds: Int64(step))
                events.append(try await server.say("\(number)", as: alice, in: roomID))
            }
            func found(_ offset: Int64, _ direction: String) async -> [String?] {
                let answer = await server.call(
                    "GET", "\(v1)/rooms/\(roomID)/timestamp_to_event?ts=\(start + offset)&dir=\(direction)", as: alice)
                let time = answer.json["origin_server_ts"]?.integerValue.map { "\($0 - start)" }
                return [answer.json["event_id"]?.stringValue, time]
            }
            #expect(await found(0, "f") == [events[0].string, "0"])
            #expect(await found(1, "f") == [events[1].string, "10"])
            #expect(await found(11, "f") == [events[3].string, "30"])
            #expect(await found(41, "f") == [events[2].string, "100010"])
            #expect(await found(50_000, "b") == [events[4].string, "40"])
            #expect(await found(10, "b") == [events[1].string, "10"])
            #expect(await found(200_000, "b") == [events[2].string, "100010"])
            let none = await server.call(
                "GET", "\(v1)/rooms/\(roomID)/timestamp_to_event?ts=\(start + 200_000)&dir=f", as: alice)
            #expect(none.code == "M_NOT_FOUND")
            for (query, code) in [
                ("?ts=1", "M_MISSING_PARAM"), ("?dir=f", "M_MISSING_PARAM"), ("?ts=x&dir=f", "M_INVALID_PARAM"),
                ("?ts=1&dir=x", "M_INVALID_PARAM"),
            ] {
                let answer = await server.call("GET", "\(v1)/rooms/\(roomID)/timestamp_to_event\(query)", as: alice)
                #expect(answer.code == code)
            }
        }
    }

    /// Rule 33: only what the caller may see.
    @Test func aTimeFindsWhatTheCallerMaySee() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0]], visibility: "joined")
            server.clock.advance(milliseconds: 10)
            let start = server.clock.now
            try await server.say("before", as: users[0], in: roomID)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let seen = try await server.say("seen", as: users[0], in: roomID)
            server.clock.advance(milliseconds: 10)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            server.clock.advance(milliseconds: 10)
            try await server.say("after", as: users[0], in: roomID)
            let path = "\(v1)/rooms/\(roomID)/timestamp_to_event"
            let first = await server.call("GET", "\(path)?ts=\(start)&dir=f", as: users[1])
            let event = EventID(first.json["event_id"]?.stringValue ?? "")
            let shown = try await server.rooms.event(
                try #require(event), in: roomID, userID: users[1].userID)
            #expect(shown.stateKey == users[1].userID.string)
            let earlier = await server.call("GET", "\(path)?ts=\(server.clock.now - 15)&dir=b", as: users[1])
            #expect(earlier.json["event_id"]?.stringValue == seen.string)
            #expect(
                await server.call("GET", "\(path)?ts=\(server.clock.now)&dir=f", as: users[1]).code == "M_NOT_FOUND")
            #expect(await server.call("GET", "\(path)?ts=0&dir=f", as: users[2]).code == "M_FORBIDDEN")
        }
    }

    // MARK: Contexts, messages and members

    /// Rule 111.
    @Test func aContextsStateIsThatOfItsLastEvent() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            func setName(_ name: String) async throws {
                _ = try await server.rooms.setState(
                    "m.room.name", stateKey: "", content: ["name": .string(name)], in: roomID, sender: users[0].userID)
            }
            try await setName("early")
            let event = try await server.say("event", as: users[0], in: roomID)
            try await setName("middle")
            try await server.say("after", as: users[1], in: roomID)
            try await setName("late")
            let path = "\(v3)/rooms/\(roomID)/context/\(event)"
            func name(_ answer: Answer) -> JSONValue? {
                answer.json["state"]?.arrayValue?.first { $0["type"] == "m.room.name" }?["content"]?["name"]
            }
            #expect(name(await server.call("GET", "\(path)?limit=0", as: users[1])) == "early")
            #expect(name(await server.call("GET", "\(path)?limit=4", as: users[1])) == "middle")
            #expect(name(await server.call("GET", path, as: users[1])) == "late")
            // The filter is for the state too, and not for the event itself.
            let filter = "%7B%22types%22:%5B%22m.room.name%22%5D%7D"
            let filtered = await server.call("GET", "\(path)?filter=\(filter)", as: users[1])
            #expect(filtered.json["event"]?["event_id"]?.stringValue == event.string)
            #expect(filtered.json["state"]?.arrayValue?.count == 1)
            #expect(ids(filtered, "events_after").count == 2)
            // Lazy members are those of the senders that are shown.
            let lazy = "%7B%22lazy_load_members%22:true%7D"
            let few = await server.call("GET", "\(path)?filter=\(lazy)&limit=0", as: users[1])
            let members = few.json["state"]?.arrayValue?.compactMap { event in
                event["type"] == "m.room.member" ? event["state_key"]?.stringValue : nil
            }
            #expect(members == [users[0].userID.string])
        }
    }

    /// Rule 111.
    @Test func aContextLeavesIgnoredUsersOutAndHidesTheInvisible() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users, visibility: "joined")
            try await server.say("noise", as: users[0], in: roomID)
            let event = try await server.say("event", as: users[1], in: roomID)
            try await server.ignore(users[0], as: users[1])
            let path = "\(v3)/rooms/\(roomID)/context"
            let answer = await server.call("GET", "\(path)/\(event)", as: users[1])
            #expect(answer.status == 200)
            #expect(!answer.text.contains("noise"))
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            let unseen = try await server.say("unseen", as: users[0], in: roomID)
            #expect(await server.call("GET", "\(path)/\(unseen)", as: users[1]).code == "M_NOT_FOUND")
        }
    }

    /// Rule 110.
    @Test func messagesTellTheirPlaceAndTheirSenders() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            for number in 0..<4 { try await server.say("\(number)", as: users[number % 2], in: roomID) }
            let path = "\(v3)/rooms/\(roomID)/messages"
            let lazy = "%7B%22lazy_load_members%22:true%7D"
            let page = await server.call("GET", "\(path)?dir=b&limit=1&filter=\(lazy)", as: users[0])
            #expect(page.json["state"]?.arrayValue?.count == 1)
            #expect(page.json["state"]?[0]?["state_key"]?.stringValue == users[1].userID.string)
            let end = try #require(page.json["end"]?.stringValue)
            let next = await server.call("GET", "\(path)?dir=b&limit=500&from=\(end)", as: users[0])
            #expect(next.json["start"]?.stringValue == end)
            #expect(next.json["end"] == nil)
            #expect(ids(next).count > 3)
            // A page that nothing passes may go on.
            let none = await server.call("GET", "\(path)?dir=b&limit=0", as: users[0])
            #expect(ids(none) == [])
            #expect(none.json["end"] != nil)
        }
    }

    /// Rule 110: a page has a bound, whatever is asked for.
    @Test func pagesOfMessagesAreBounded() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            for number in 0..<510 { try await server.say("\(number)", as: alice, in: roomID) }
            let path = "\(v3)/rooms/\(roomID)/messages?dir=b&limit=9007199254740991"
            let page = await server.call("GET", path, as: alice)
            #expect(ids(page).count == 500)
            let end = try #require(page.json["end"]?.stringValue)
            let rest = await server.call("GET", "\(path)&from=\(end)", as: alice)
            #expect(ids(rest).count > 10)
            #expect(Set(ids(page)).isDisjoint(with: ids(rest)))
        }
    }

    /// Rule 72: what is not in a room's section of `/sync` says which room it is of.
    @Test func eventsOutsideOfSyncNameTheirRoom() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            try await server.say("before", as: alice, in: roomID)
            let event = try await server.say("hello", as: alice, in: roomID)
            try await server.say("after", as: alice, in: roomID)
            let path = "\(v3)/rooms/\(roomID)"
            let context = await server.call("GET", "\(path)/context/\(event)", as: alice).json
            let parts = ["events_before", "events_after", "state"].map { context[$0]?.arrayValue ?? [] }
            #expect(parts.allSatisfy { !$0.isEmpty })
            let messages = await server.call("GET", "\(path)/messages?dir=b", as: alice).json["chunk"]?.arrayValue ?? []
            let one = await server.call("GET", "\(path)/event/\(event)", as: alice).json
            for shown in [.object(one), context["event"] ?? .null] + messages + parts.joined() {
                #expect(shown["room_id"]?.stringValue == roomID.string, "\(shown)")
            }
        }
    }

    /// Rule 112.
    @Test func membersAreChosenByMembershipAndMoment() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol", "dave")
            let roomID = try await server.room(of: Array(users[0...2]))
            let before = try await server.sync(users[0]).nextBatch
            try await server.rooms.leave(roomID, userID: users[2].userID, reason: nil)
            try await server.rooms.invite(users[3].userID, to: roomID, by: users[0].userID, reason: nil)
            func members(_ query: String, _ user: TestUser) async -> [String] {
                let answer = await server.call("GET", "\(v3)/rooms/\(roomID)/members\(query)", as: user)
                return (answer.json["chunk"]?.arrayValue ?? [])
                    .compactMap { $0["state_key"]?.stringValue.flatMap(UserID.init)?.localpart }.sorted()
            }
            #expect(await members("", users[0]) == ["alice", "bob", "carol", "dave"])
            #expect(await members("?membership=join", users[0]) == ["alice", "bob"])
            #expect(await members("?not_membership=join", users[0]) == ["carol", "dave"])
            // Together they are alternatives.
            #expect(await members("?membership=leave&not_membership=join", users[0]) == ["carol", "dave"])
            #expect(
                await members("?membership=join&not_membership=leave", users[0]) == ["alice", "bob", "dave"])
            #expect(await members("?membership=join&at=\(before)", users[0]) == ["alice", "bob", "carol"])
            // Who has left sees who was there when he did.
            #expect(await members("", users[2]) == ["alice", "bob", "carol"])
        }
    }

    // MARK: The deprecated endpoints

    @Test func aRoomIsShownAsAWhole() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol", "dave")
            let roomID = try await server.room(of: Array(users[0...1]))
            let open = try await server.room(of: [users[0]], visibility: "world_readable")
            for number in 0..<3 { try await server.say("\(number)", as: users[0], in: roomID) }
            let path = "\(v3)/rooms/\(roomID)/initialSync?limit=2"
            let whole = await server.call("GET", path, as: users[1])
            let bodies = whole.json["messages"]?["chunk"]?.arrayValue?.compactMap {
                $0["content"]?["body"]?.stringValue
            }
            #expect(bodies == ["1", "2"])
            #expect(whole.json["membership"] == "join")
            #expect(whole.json["visibility"] == "private")
            #expect(whole.json["state"]?.arrayValue?.contains { $0["type"] == "m.room.create" } == true)
            let start = whole.json["messages"]?["start"]?.stringValue ?? ""
            let older = await server.call(
                "GET", "\(v3)/rooms/\(roomID)/messages?dir=b&limit=1&from=\(start)", as: users[1])
            #expect(older.json["chunk"]?[0]?["content"]?["body"] == "0")
            #expect(await server.call("GET", path, as: users[2]).code == "M_FORBIDDEN")
            let peeked = await server.call("GET", "\(v3)/rooms/\(open)/initialSync", as: users[2])
            #expect(peeked.status == 200)
            #expect(peeked.json["membership"] == nil)
        }
    }

    @Test func theFirstSyncOfOldShowsEveryRoom() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let joined = try await server.room(of: users)
            let left = try await server.room(of: users)
            let invited = try await server.room(of: [users[0]])
            try await server.rooms.leave(left, userID: users[1].userID, reason: nil)
            try await server.rooms.invite(users[1].userID, to: invited, by: users[0].userID, reason: nil)
            try await server.accounts.setAccountData(
                "org.example", of: users[1].userID, room: nil, content: ["a": 1])
            func rooms(_ query: String) async -> [String: String] {
                let answer = await server.call("GET", "\(v3)/initialSync\(query)", as: users[1])
                var memberships: [String: String] = [:]
                for room in answer.json["rooms"]?.arrayValue ?? [] {
                    memberships[room["room_id"]?.stringValue ?? ""] = room["membership"]?.stringValue
                }
                return memberships
            }
            #expect(await rooms("") == [joined.string: "join", invited.string: "invite"])
            #expect(
                await rooms("?archived=true")
                    == [joined.string: "join", invited.string: "invite", left.string: "leave"])
            let whole = await server.call("GET", "\(v3)/initialSync", as: users[1])
            #expect(whole.json["account_data"]?.arrayValue?.contains { $0["type"] == "org.example" } == true)
            #expect(whole.json["presence"] == [])
            // Its token is where the stream goes on.
            let end = whole.json["end"]?.stringValue ?? ""
            let event = try await server.say("new", as: users[0], in: joined)
            let stream = await server.call("GET", "\(v3)/events?from=\(end)", as: users[1])
            #expect(ids(stream) == [event.string])
            #expect(stream.json["start"]?.stringValue == end)
            let rest = await server.call(
                "GET", "\(v3)/events?from=\(stream.json["end"]?.stringValue ?? "")", as: users[1])
            #expect(ids(rest) == [])
        }
    }

    @Test func oneEventIsFoundWithoutItsRoom() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            let event = try await server.say("hello", as: users[0], in: roomID)
            let found = await server.call("GET", "\(v3)/events/\(event)", as: users[0])
            #expect(found.json["room_id"]?.stringValue == roomID.string)
            #expect(await server.call("GET", "\(v3)/events/\(event)", as: users[1]).code == "M_NOT_FOUND")
            let nowhere = "$" + String(repeating: "A", count: 43)
            #expect(await server.call("GET", "\(v3)/events/\(nowhere)", as: users[0]).code == "M_NOT_FOUND")
        }
    }

    @Test func theStreamOfAnOpenRoomIsThereForEverybody() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let open = try await server.room(of: [users[0]], visibility: "world_readable")
            let closed = try await server.room(of: [users[0]])
            let start = await server.call("GET", "\(v3)/events?room_id=\(open)", as: users[1])
            #expect(ids(start) == [])
            let event = try await server.say("hello", as: users[0], in: open)
            try await server.say("elsewhere", as: users[0], in: closed)
            let token = start.json["end"]?.stringValue ?? ""
            let peeked = await server.call("GET", "\(v3)/events?room_id=\(open)&from=\(token)", as: users[1])
            #expect(ids(peeked) == [event.string])
            #expect(
                await server.call("GET", "\(v3)/events?room_id=\(closed)&from=\(token)", as: users[1]).code
                    == "M_FORBIDDEN")
            #expect(await server.call("GET", "\(v3)/events?from=x", as: users[1]).code == "M_INVALID_PARAM")
            #expect(await server.call("GET", "\(v3)/events?room_id=x", as: users[1]).code == "M_INVALID_PARAM")
        }
    }

    @Test func theStreamWaitsForWhatIsNew() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let token = try await server.sync(users[1]).nextBatch
            let waiting = Task {
                await server.call("GET", "\(v3)/events?from=\(token)&timeout=60000", as: users[1])
            }
            while server.sync.waitCount == 0 { await Task.yield() }
            let event = try await server.say("hello", as: users[0], in: roomID)
            #expect(ids(await waiting.value) == [event.string])
        }
    }
}
