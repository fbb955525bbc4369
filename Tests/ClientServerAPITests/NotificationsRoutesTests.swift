import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3notifications
@Suite struct NotificationsRoutesTests {
    private func notifications(
        _ server: TestServer, _ user: TestUser, _ query: String = ""
    ) async throws -> (events: [String], next: String?, json: [JSONValue]) {
        let answer = await server.call("GET", "\(v3)/notifications\(query)", as: user)
        #expect(answer.status == 200)
        let list = try #require(answer.json["notifications"]?.arrayValue)
        return (list.compactMap { $0["event"]?["event_id"]?.stringValue }, answer.json["next_token"]?.stringValue, list)
    }

    @Test func whatTheUserWasToldOfIsListedTheLatestFirst() async throws {
        try await TestServer.run { server throws in
            let (alice, bob) = (try await server.user("alice"), try await server.user("bob"))
            let one = try await server.room(of: [alice, bob])
            let two = try await server.room(of: [alice, bob])
            let unseen = try await server.room(of: [alice])
            try await server.say("not for bob", as: alice, in: unseen)
            let first = try await server.say("first", as: alice, in: one)
            try await server.say("my own", as: bob, in: one)
            let second = try await server.say("second", as: alice, in: two)
            let third = try await server.say("third", as: alice, in: one)
            try await server.rooms.invite(bob.userID, to: unseen, by: alice.userID, reason: nil)
            try await server.rooms.mark([.init(type: .readPrivate, eventID: first)], in: one, userID: bob.userID)

            let (events, next, json) = try await notifications(server, bob)
            #expect(Array(events.dropFirst()) == [third, second, first].map(\.string))
            #expect(next == nil)
            let invite = try #require(json.first)
            #expect(invite["event"]?["content"]?["membership"] == "invite")
            #expect(invite["room_id"]?.stringValue == unseen.string)
            #expect(json.map { $0["read"] } == [false, false, false, true])
            #expect(json[1]["room_id"]?.stringValue == one.string)
            #expect(json[1]["ts"]?.integerValue == server.clock.now)
            #expect(json[1]["actions"] == ["notify", ["set_tweak": "sound", "value": "default"]])
            #expect(json[1]["event"]?["content"]?["body"] == "third")
            #expect(json[1]["event"]?["room_id"] == nil)
            #expect(try await notifications(server, alice).events.count == 1, "bob's message")
        }
    }

    @Test func pagesFollowEachOther() async throws {
        try await TestServer.run { server throws in
            let (alice, bob) = (try await server.user("alice"), try await server.user("bob"))
            var rooms: [RoomID] = []
            for _ in 0..<3 { rooms.append(try await server.room(of: [alice, bob])) }
            var sent: [String] = []
            for number in 0..<100 {
                sent.insert(try await server.say("\(number)", as: alice, in: rooms[number % 3]).string, at: 0)
            }
            var found: [String] = []
            var token: String?
            var pageCount = 0
            repeat {
                let page = try await notifications(server, bob, "?limit=7" + (token.map { "&from=\($0)" } ?? ""))
                #expect(page.events.count <= 7)
                found += page.events
                token = page.next
                pageCount += 1
            } while token != nil && pageCount < 30
            #expect(found == sent)
            #expect(pageCount == 15)
        }
    }

    @Test func onlyHighlightsAreListedOnDemand() async throws {
        try await TestServer.run { server throws in
            let (alice, bob) = (try await server.user("alice"), try await server.user("bob"))
            let roomID = try await server.room(of: [alice, bob])
            try await server.say("just so", as: alice, in: roomID)
            let mention = try await server.rooms.send(
                "m.room.message",
                content: ["msgtype": "m.text", "body": "bob!", "m.mentions": ["user_ids": ["@bob:test"]]], to: roomID,
                transactionID: "m", sender: alice.sender)
            #expect(try await notifications(server, bob).events.count == 2)
            #expect(try await notifications(server, bob, "?only=highlight").events == [mention.string])
            // Rule 32: what is redacted is told to nobody any more.
            _ = try await server.rooms.redact(
                mention, in: roomID, reason: nil, transactionID: "r", sender: alice.sender)
            #expect(try await notifications(server, bob, "?only=highlight").events == [])
        }
    }

    /// Of a room that was left and joined again, only what came since counts; of one that was left, nothing.
    @Test func onlyRoomsTheUserIsInAreListed() async throws {
        try await TestServer.run { server throws in
            let (alice, bob) = (try await server.user("alice"), try await server.user("bob"))
            let roomID = try await server.room(of: [alice, bob])
            try await server.say("before", as: alice, in: roomID)
            try await server.rooms.leave(roomID, userID: bob.userID, reason: nil)
            #expect(try await notifications(server, bob).events == [])
            try await server.say("meanwhile", as: alice, in: roomID)
            try await server.rooms.join(roomID, userID: bob.userID, reason: nil)
            let after = try await server.say("after", as: alice, in: roomID)
            #expect(try await notifications(server, bob).events == [after.string])
        }
    }

    @Test(arguments: ["limit=0", "limit=-1", "limit=x", "from=x", "from=n", "from=n-1", "only=everything"])
    func brokenQueriesAreRefused(_ query: String) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let answer = await server.call("GET", "\(v3)/notifications?\(query)", as: alice)
            #expect(answer.status == 400)
            #expect(answer.code == "M_INVALID_PARAM")
        }
    }
}
