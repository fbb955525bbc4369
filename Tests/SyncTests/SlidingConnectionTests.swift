import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import ServerUnderTest
import Sync
import Testing

/// Connections of sliding sync and their positions.
@Suite(.timeLimit(.minutes(1))) struct SlidingConnectionTests {
    /// Rule 76: a lost answer is asked for again with the same `pos`, and says the same.
    @Test func theSamePositionIsAnsweredAgain() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var client = SlidingClient(users[1], body: SlidingClient.list(limit: 10))
            let first = try await client.sync(with: server)
            #expect(first.room(roomID)?.isInitial == true)
            try await server.say("one", as: users[0], in: roomID)
            let lost = try await client.answer(of: server, from: first.position)
            let again = try await client.answer(of: server, from: first.position)
            #expect(lost.rooms == again.rooms)
            #expect(again.room(roomID)?.bodies == ["one"])
            // What was lost goes on from where it was answered again, and the older answers are forgotten.
            try await server.say("two", as: users[0], in: roomID)
            let next = try await client.answer(of: server, from: again.position)
            #expect(next.room(roomID)?.bodies == ["two"])
            #expect(try await client.answer(of: server, from: again.position).room(roomID)?.bodies == ["two"])
            await expectUnknownPosition { try await client.answer(of: server, from: first.position) }
            await expectUnknownPosition { try await client.answer(of: server, from: lost.position) }
        }
    }

    /// Rule 76: positions are those of one connection of one device, and of one run of the server.
    @Test func aPositionBelongsToOneConnection() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice", device: "PHONE")
            let tablet = try await server.user("alice", device: "TABLET")
            _ = try await server.room(of: [alice])
            var phone = SlidingClient(alice)
            let position = try await phone.sync(with: server).position
            var other = phone
            other.connection = "other"
            await expectUnknownPosition { try await other.answer(of: server, from: position) }
            let onTablet = SlidingClient(tablet)
            await expectUnknownPosition { try await onTablet.answer(of: server, from: position) }
            for text in ["", "s1", "1", "s1~~1", "\(position)0", "s1~x~\(Int64.max)", "~~"] {
                await expectUnknownPosition { try await phone.answer(of: server, from: text) }
            }
            // None of that has harmed the connection.
            #expect(try await phone.sync(with: server).rooms.isEmpty)
            let beforeRestart = try #require(phone.position)
            try await server.afterRestart { next throws in
                await expectUnknownPosition { try await phone.answer(of: next, from: beforeRestart) }
                #expect(try await !phone.answer(of: next, from: nil).rooms.isEmpty)
            }
        }
    }

    /// Rule 76: who begins anew has everything anew, and the position from before is worth nothing.
    @Test func withoutAPositionTheConnectionBeginsAnew() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            var client = SlidingClient(alice)
            let old = try await client.sync(with: server).position
            let fresh = try await client.answer(of: server, from: nil)
            #expect(fresh.room(roomID)?.isInitial == true)
            await expectUnknownPosition { try await client.answer(of: server, from: old) }
        }
    }

    @Test func aDeviceHasFewConnections() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            _ = try await server.room(of: [alice])
            var clients: [SlidingClient] = []
            for number in 0..<20 {
                server.clock.advance(milliseconds: 1)
                var client = SlidingClient(alice)
                client.connection = "c\(number)"
                _ = try await client.sync(with: server)
                clients.append(client)
            }
            let first = clients[0]
            await expectUnknownPosition { try await first.answer(of: server, from: first.position) }
            _ = try await clients[19].sync(with: server)
            // Unused for more than a day.
            server.clock.advance(milliseconds: 25 * 60 * 60 * 1000)
            server.sync.forgetUnused()
            let last = clients[19]
            await expectUnknownPosition { try await last.answer(of: server, from: last.position) }
        }
    }

    /// A request in a waiting one's place ends that, and only the later is good for anything.
    @Test func aLaterRequestTakesTheWaitingOnesPlace() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var client = SlidingClient(users[1], body: SlidingClient.list())
            let first = try await client.sync(with: server)
            let waiting = try await client.waiting(on: server)
            var wider = client
            wider.body = SlidingClient.list(limit: 20)
            // That one wait ends before the other begins.
            let replacement = wider
            let later = Task {
                try await replacement.answer(of: server, from: first.position, timeoutMilliseconds: 30_000)
            }
            #expect(try await waiting.value.position == first.position)
            #expect(try await waiting.value.rooms.isEmpty)
            try await server.say("hello", as: users[0], in: roomID)
            #expect(try await later.value.room(roomID)?.bodies == ["hello"])
        }
    }

    @Test func waitsEndWithNewsAndAtTheirDeadline() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[1]])
            let foreign = try await server.room(of: [users[2]])
            var client = SlidingClient(users[1])
            // The first request does not wait, and one that asks for more does not either.
            _ = try await client.sync(with: server, timeoutMilliseconds: 30_000)
            client.body["lists"] = ["other": SlidingClient.list()["lists"]!["a"]!]
            let changed = try await client.sync(with: server, timeoutMilliseconds: 30_000)
            #expect(changed.count == 1)
            let first = try await client.waiting(on: server)
            try await server.say("not for bob", as: users[2], in: foreign)
            #expect(server.sync.waitCount == 1)
            try await server.say("for bob", as: users[0], in: roomID)
            #expect(try await first.value.room(roomID)?.bodies == ["for bob"])
            client.position = try await first.value.position
            let second = try await client.waiting(on: server)
            server.clock.advance(milliseconds: 30_100)
            server.sync.expireWaits()
            let answer = try await second.value
            #expect(answer.rooms.isEmpty)
            #expect(answer.json["extensions"] == [:])
            client.position = answer.position
            try await server.accounts.setAccountData("m.direct", of: users[1].userID, room: nil, content: ["a": []])
            #expect(try await client.sync(with: server).globalAccountData("m.direct") != nil)
        }
    }

    @Test(
        arguments: [
            ["lists": ["a": ["ranges": [[0, 1]], "required_state": []]]],
            ["lists": ["a": ["ranges": [[2, 1]], "timeline_limit": 1]]],
            ["lists": ["a": ["ranges": [[-1, 1]], "timeline_limit": 1]]],
            ["lists": ["a": ["ranges": [[0]], "timeline_limit": 1]]],
            ["lists": ["a": ["ranges": [[0, 1]], "timeline_limit": -1]]],
            ["lists": ["a": ["ranges": [[0, 1]], "timeline_limit": 1, "required_state": [["m.room.name"]]]]],
            ["lists": ["a": ["ranges": [[0, 1]], "timeline_limit": 1, "filters": ["is_dm": 1]]]],
            ["lists": ["a": ["ranges": [[0, 1]], "timeline_limit": 1, "filters": ["room_types": [1]]]]],
            ["lists": ["a": 1]], ["lists": []], ["room_subscriptions": ["!a:test": 1]],
            ["extensions": ["typing": ["enabled": "yes"]]], ["extensions": ["receipts": 1]], ["conn_id": 1],
        ] as [JSONObject])
    func whatIsNoRequestIsRefused(body: JSONObject) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            await #expect(throws: MatrixError.self) {
                try await SlidingClient(alice, body: body).answer(of: server, from: nil)
            }
        }
    }

    @Test func unknownExtensionsAndRoomsAreIgnored() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let foreign = try await server.room(of: [users[1]])
            let subscription: JSONValue = ["timeline_limit": 5, "required_state": [["*", "*"]]]
            var body: JSONObject = [
                "extensions": ["org.example.future": ["enabled": true, "x": 1]], "txn_id": "t1",
            ]
            body["room_subscriptions"] = .object(
                JSONObject(members: [
                    (foreign.string, subscription), ("!none:test", subscription), ("no room", subscription),
                ]))
            let answer = try await SlidingClient(users[0], body: body).answer(of: server, from: nil)
            #expect(answer.rooms.isEmpty)
            #expect(answer.json["extensions"] == [:])
            #expect(answer.json["txn_id"] == "t1")
        }
    }
}
