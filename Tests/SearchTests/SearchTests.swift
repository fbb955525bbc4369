import CanonicalJSON
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// Rule 113: `/search` over what the user may see, with and without the index.
@Suite struct SearchTests {
    /// Before and after the index has come to what was said, it must be the same.
    private func bothWays(_ server: TestServer, _ body: () async throws -> Void) async throws {
        try await body()
        try await server.index()
        try await body()
    }

    /// Rule 113.
    @Test func messagesNamesAndTopicsAreFound() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await server.say("다들 안녕하세요", as: users[0], in: roomID)
            try await server.say("점심 먹자", as: users[1], in: roomID)
            try await server.say("북한국경", as: users[1], in: roomID)
            try await server.setState("m.room.name", ["name": "한국 여행"], as: users[0], in: roomID)
            try await server.setState(
                "m.room.topic", ["m.topic": ["m.text": [["body": "여행 이야기"]]], "topic": "travel"], as: users[0],
                in: roomID)
            try await bothWays(server) { () throws in
                #expect(try await server.search("안녕", as: users[1]).bodies == ["다들 안녕하세요"])
                #expect(try await server.search("ㅇㄴㅎ", as: users[1]).bodies == ["다들 안녕하세요"])
                let korea = try await server.search("한구", as: users[1])
                #expect(korea.results.map { $0["result"]?["type"] } == ["m.room.name", "m.room.message"])
                #expect(korea.highlights == ["한국"])
                #expect(korea.count == 2)
                #expect(try await server.search("여행", as: users[0]).results.count == 2)
                #expect(try await server.search("여행", as: users[0], ["keys": ["content.topic"]]).results.count == 1)
                #expect(try await server.search("travel", as: users[0], ["keys": ["content.name"]]).results.isEmpty)
                #expect(try await server.search("없는말", as: users[0]).results.isEmpty)
                #expect(try await server.search("!!!", as: users[0]).count == 0)
            }
        }
    }

    /// Rule 113: rooms that the user is in, and those that he was in, up to his leave.
    @Test func onlyWhatTheUserMaySee() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let (alice, bob, carol) = (users[0], users[1], users[2])
            let shared = try await server.room(of: [alice, bob])
            let later = try await server.room(of: [alice], visibility: "joined")
            try await server.say("tea one", as: alice, in: shared)
            try await server.say("tea before", as: alice, in: later)
            try await server.rooms.join(later, userID: bob.userID, reason: nil)
            try await server.say("tea after", as: alice, in: later)
            try await bothWays(server) { () throws in
                #expect(try await server.search("tea", as: carol).results.isEmpty)
                #expect(try await server.search("tea", as: bob).bodies == ["tea after", "tea one"])
                #expect(try await server.search("tea", as: alice).bodies == ["tea after", "tea before", "tea one"])
            }
            try await server.rooms.leave(shared, userID: bob.userID, reason: nil)
            try await server.say("tea two", as: alice, in: shared)
            try await bothWays(server) { () throws in
                #expect(try await server.search("tea", as: bob).bodies == ["tea after", "tea one"])
            }
            try await server.rooms.forget(shared, userID: bob.userID)
            #expect(try await server.search("tea", as: bob).bodies == ["tea after"])
        }
    }

    /// Rule 113: what is said in encrypted rooms is not searched, nor what was said there before.
    @Test func encryptedRoomsAreLeftOut() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            try await server.say("secret plan", as: alice, in: roomID)
            try await server.index()
            #expect(try await server.search("secret", as: alice).results.count == 1)
            try await server.setState("m.room.encryption", ["algorithm": "x"], as: alice, in: roomID)
            try await server.say("secret too", as: alice, in: roomID)
            try await bothWays(server) { () throws in
                #expect(try await server.search("secret", as: alice).results.isEmpty)
            }
        }
    }

    /// Rules 63 and 113.
    @Test func ignoredUsersAreLeftOut() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await server.say("spam", as: users[1], in: roomID)
            try await bothWays(server) { () throws in
                #expect(try await server.search("spam", as: users[0]).results.count == 1)
            }
            try await server.accounts.setAccountData(
                "m.ignored_user_list", of: users[0].userID, room: nil,
                content: ["ignored_users": [users[1].userID.string: [:]]])
            #expect(try await server.search("spam", as: users[0]).results.isEmpty)
            #expect(try await server.search("spam", as: users[1]).results.count == 1)
        }
    }

    /// Rule 113.
    @Test func filtersApply() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let rooms = [try await server.room(of: users), try await server.room(of: users)]
            try await server.say("tea a", as: users[0], in: rooms[0])
            try await server.say("tea b", as: users[1], in: rooms[1])
            try await bothWays(server) { () throws in
                for (filter, expected) in [
                    (["senders": [.string(users[0].userID.string)]], ["tea a"]),
                    (["not_senders": [.string(users[0].userID.string)]], ["tea b"]),
                    (["rooms": [.string(rooms[1].string)]], ["tea b"]),
                    (["not_rooms": [.string(rooms[1].string)]], ["tea a"]), (["types": ["m.room.name"]], []),
                    (["contains_url": true], []),
                ] as [(JSONObject, [String])] {
                    let answer = try await server.search("tea", as: users[0], ["filter": .object(filter)])
                    #expect(answer.bodies == expected, "\(filter)")
                }
            }
        }
    }

    /// Rule 113: pages follow each other without gaps or repetition, also while more is said.
    @Test(arguments: ["recent", "rank"]) func pagesAreStable(order: String) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let rooms = [try await server.room(of: [alice]), try await server.room(of: [alice])]
            var sent: [String] = []
            for number in 0..<45 {
                let text = "tea" + String(repeating: " and more", count: number % 4) + " \(number)"
                sent.append(try await server.say(text, as: alice, in: rooms[number % 2]).string)
                if number == 30 { try await server.index() }
            }
            var found: [String] = []
            var scores: [String] = []
            var next: String?
            var pages = 0
            repeat {
                let answer = try await server.search("tea", as: alice, order: order, limit: 10, next: next)
                #expect(answer.status == 200)
                found += answer.eventIDs
                scores += answer.results.map { if case .number(let literal)? = $0["rank"] { literal } else { "1" } }
                next = answer.next
                pages += 1
                try await server.say("tea \(pages) during", as: alice, in: rooms[0])
                if pages == 2 { try await server.index() }
            } while next != nil && pages < 10
            #expect(pages == 5)
            #expect(Set(found) == Set(sent) && found.count == sent.count)
            if order == "recent" { #expect(found == sent.reversed()) } else { #expect(scores == scores.sorted(by: >)) }
        }
    }

    /// Rule 113.
    @Test func groupsHaveTheirResultsAndPages() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let rooms = [try await server.room(of: users), try await server.room(of: users)]
            var sent: [RoomID: [String]] = [:]
            for number in 0..<12 {
                let room = rooms[number % 3 == 0 ? 0 : 1]
                sent[room, default: []].append(
                    try await server.say("tea \(number)", as: users[number % 2], in: room).string)
            }
            let grouping: JSONObject = ["groupings": ["group_by": [["key": "room_id"], ["key": "sender"]]]]
            let first = try await server.search("tea", as: users[0], limit: 6, grouping)
            let groups = try #require(first.events["groups"]?["room_id"]?.objectValue)
            #expect(groups.keys.sorted() == rooms.map(\.string).sorted())
            #expect(first.events["groups"]?["sender"]?.objectValue?.count == 2)
            let group = try #require(groups[rooms[0].string])
            let inGroup = try #require(group["results"]?.strings)
            var rest: [String] = []
            var next = group["next_batch"]?.stringValue
            while let token = next {
                let answer = try await server.search("tea", as: users[0], limit: 1, next: token, grouping)
                rest += answer.eventIDs
                next = answer.next
            }
            #expect(inGroup + rest == sent[rooms[0]]?.reversed())
        }
    }

    /// Rule 113.
    @Test func contextAndStateComeAlong() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await server.setState(
                "m.room.member", ["membership": "join", "displayname": "Old Bob"], key: users[1].userID.string,
                as: users[1], in: roomID)
            for text in ["one", "two", "the tea", "four", "five"] {
                try await server.say(text, as: users[1], in: roomID)
            }
            try await server.setState(
                "m.room.member", ["membership": "join", "displayname": "New Bob"], key: users[1].userID.string,
                as: users[1], in: roomID)
            let answer = try await server.search(
                "tea", as: users[0], order: "rank",
                [
                    "event_context": ["before_limit": 1, "after_limit": 2, "include_profile": true],
                    "include_state": true,
                ])
            let context = try #require(answer.results.first?["context"])
            func bodies(_ key: String) -> [String?] {
                (context[key]?.arrayValue ?? []).map { $0["content"]?["body"]?.stringValue }
            }
            #expect(bodies("events_before") == ["two"])
            #expect(bodies("events_after") == ["four", "five"])
            #expect(context["profile_info"]?[users[1].userID.string]?["displayname"] == "Old Bob")
            #expect(context["start"]?.stringValue?.first == "s")
            let state = answer.events["state"]?[roomID.string]?.arrayValue ?? []
            #expect(state.contains { $0["content"]?["displayname"] == "New Bob" })
            let none = try await server.search(
                "tea", as: users[0], ["event_context": ["before_limit": 0, "after_limit": 0]])
            #expect(none.results.first?["context"]?["events_before"] == [])
            #expect(none.results.first?["context"]?["profile_info"] == nil)
        }
    }

    @Test func badRequestsAreRefused() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            for (criteria, code) in [
                (["keys": ["content.url"]], "M_INVALID_PARAM"), (["order_by": "oldest"], "M_INVALID_PARAM"),
                (["groupings": ["group_by": [["key": "type"]]]], "M_INVALID_PARAM"),
                (["event_context": ["before_limit": -1]], "M_INVALID_PARAM"), (["search_term": 5], "M_BAD_JSON"),
                (["search_term": .null], "M_MISSING_PARAM"),
            ] as [(JSONObject, String)] {
                var events: JSONObject = ["search_term": "x"]
                for member in criteria.members { events[member.key] = member.value }
                let answer = try await server.post(
                    "search", ["search_categories": ["room_events": .object(events)]], as: alice)
                #expect(answer.status == 400 && answer.json["errcode"]?.stringValue == code, "\(criteria)")
            }
            for token in ["x", "1_2", "1_2_3_x", "-1_2_3", "9223372036854775808_1_1"] {
                #expect(try await server.search("x", as: alice, next: token).code == "M_INVALID_PARAM", "\(token)")
            }
            #expect(try await server.search("x", as: alice, next: "9223372036854775807_0_0").status == 200)
            #expect(try await server.post("search", ["search_categories": [:]], as: alice).status == 200)
        }
    }
}

extension TestServer {
    @discardableResult
    func setState(
        _ type: String, _ content: JSONObject, key: String = "", as user: TestUser, in roomID: RoomID
    ) async throws -> EventID {
        try await rooms.setState(type, stateKey: key, content: content, in: roomID, sender: user.userID)
    }
}
