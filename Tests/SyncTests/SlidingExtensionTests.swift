import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// Account data, receipts and typing in sliding sync.
@Suite(.timeLimit(.minutes(1))) struct SlidingExtensionTests {
    private func room(_ answer: SlidingAnswerJSON, _ name: String, _ roomID: RoomID) -> JSONValue? {
        answer.extensionOf(name)?["rooms"]?[roomID.string]
    }

    /// Rule 70.
    @Test func accountDataIsSentOnceAndWakes() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let number = try await server.rooms.room(roomID).number
            try await server.accounts.setAccountData("m.tag", of: alice.userID, room: number, content: ["tags": [:]])
            var client = SlidingClient(alice)
            let first = try await client.sync(with: server)
            // Clients have the push rules from here only.
            #expect(first.globalAccountData("m.push_rules")?["content"]?["global"]?["override"] != nil)
            #expect(room(first, "account_data", roomID)?[0]?["type"] == "m.tag")
            #expect(try await client.sync(with: server).extensionOf("account_data") == nil)
            let waiting = try await client.waiting(on: server)
            try await server.accounts.setAccountData("x.y", of: alice.userID, room: nil, content: ["a": 1])
            let woken = try await waiting.value
            #expect(woken.globalAccountData("x.y")?["content"] == ["a": 1])
            #expect(woken.globalAccountData("m.push_rules") == nil)
            #expect(woken.rooms.isEmpty)
            client.position = woken.position
            let second = try await client.waiting(on: server)
            try await server.accounts.setAccountData(
                "m.tag", of: alice.userID, room: number, content: ["tags": ["a": [:]]])
            #expect(try await room(second.value, "account_data", roomID)?[0]?["content"] == ["tags": ["a": [:]]])
        }
    }

    @Test func anExtensionThatIsSwitchedOnLaterMissesNothing() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let event = try await server.say("hello", as: users[0], in: roomID)
            try await server.rooms.mark([.init(type: .read, eventID: event)], in: roomID, userID: users[1].userID)
            try await server.accounts.setAccountData(
                "m.tag", of: users[0].userID, room: try await server.rooms.room(roomID).number, content: [:])
            var client = SlidingClient(users[0], body: SlidingClient.list())
            #expect(try await client.sync(with: server).json["extensions"] == [:])
            client.body["extensions"] = SlidingClient.elementX["extensions"]
            let answer = try await client.sync(with: server, timeoutMilliseconds: 30_000)
            #expect(answer.globalAccountData("m.push_rules") != nil)
            #expect(room(answer, "account_data", roomID)?[0]?["type"] == "m.tag")
            #expect(room(answer, "receipts", roomID)?["content"]?[event.string]?["m.read"] != nil)
        }
    }

    @Test func receiptsOfWhatIsShownAndThenAll() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users)
            let old = try await server.say("old", as: users[0], in: roomID)
            try await server.rooms.mark([.init(type: .read, eventID: old)], in: roomID, userID: users[2].userID)
            try await server.rooms.mark([.init(type: .readPrivate, eventID: old)], in: roomID, userID: users[1].userID)
            let new = try await server.say("new", as: users[0], in: roomID)
            var client = SlidingClient(users[1])
            let first = try await client.sync(with: server)
            // Of old events, only one's own.
            let content = room(first, "receipts", roomID)?["content"]?.objectValue
            #expect(content?.keys.map { $0 } == [old.string])
            #expect(content?[old.string]?.objectValue?.keys.map { $0 } == ["m.read.private"])
            let waiting = try await client.waiting(on: server)
            try await server.rooms.mark([.init(type: .read, eventID: new)], in: roomID, userID: users[2].userID)
            let woken = try await waiting.value
            #expect(room(woken, "receipts", roomID)?["content"]?[new.string]?["m.read"]?[users[2].userID.string] != nil)
            #expect(woken.rooms.isEmpty)
            client.position = woken.position
            // Others' private receipts are for nobody, and wake nobody.
            try await server.rooms.mark([.init(type: .readPrivate, eventID: new)], in: roomID, userID: users[0].userID)
            #expect(try await client.sync(with: server).extensionOf("receipts") == nil)
            // One's own receipt changes one's counts.
            try await server.rooms.mark([.init(type: .read, eventID: new)], in: roomID, userID: users[1].userID)
            let own = try await client.sync(with: server)
            #expect(own.room(roomID)?["notification_count"] == 0)
            #expect(own.room(roomID)?["timeline"] == nil)
        }
    }

    /// Rule 71.
    @Test func typingIsTheWholeListAndWakes() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let room = try await server.rooms.room(roomID)
            var client = SlidingClient(users[1])
            #expect(try await client.sync(with: server).extensionOf("typing") == nil)
            let waiting = try await client.waiting(on: server)
            server.rooms.typing.start(users[0].userID, in: room, timeoutMilliseconds: 9_000)
            let started = try await waiting.value
            let ids: JSONValue = ["user_ids": [.string(users[0].userID.string)]]
            #expect(self.room(started, "typing", roomID)?["content"] == ids)
            client.position = started.position
            #expect(try await client.sync(with: server).extensionOf("typing") == nil)
            server.rooms.typing.stop(users[0].userID, in: room)
            let stopped = try await client.sync(with: server)
            #expect(self.room(stopped, "typing", roomID)?["content"] == ["user_ids": []])
        }
    }

    /// Lists and rooms say where an extension is wanted.
    @Test(
        arguments: [
            (["lists": ["a"]], true), (["lists": []], false), (["lists": ["other"]], false), (["rooms": []], true),
            (["lists": [], "rooms": ["*"]], false), ([:], true),
        ] as [(JSONObject, Bool)])
    func extensionsHaveAScope(scope: JSONObject, isWanted: Bool) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            server.rooms.typing.start(
                users[0].userID, in: try await server.rooms.room(roomID), timeoutMilliseconds: 9_000)
            var typing = scope
            typing["enabled"] = true
            var body = SlidingClient.list()
            body["extensions"] = ["typing": .object(typing)]
            let answer = try await SlidingClient(users[1], body: body).answer(of: server, from: nil)
            #expect((room(answer, "typing", roomID) != nil) == isWanted)
        }
    }

    // MARK: Encryption

    private let encryption: JSONObject = ["extensions": ["to_device": ["enabled": true], "e2ee": ["enabled": true]]]

    private func send(_ number: Int, to user: TestUser, from sender: TestUser, on server: TestServer) async throws {
        try await server.homeserver.endToEnd.sendToDevice(
            "x.test",
            [.init(userID: user.userID, deviceID: user.deviceID, content: ["n": .integer(Int64(number))])],
            transactionID: "t\(number)", sender: sender.sender)
    }

    private func numbers(_ answer: SlidingAnswerJSON) -> [Int64] {
        (answer.extensionOf("to_device")?["events"]?.arrayValue ?? []).compactMap { $0["content"]?["n"]?.integerValue }
    }

    /// Rule 77: messages have a token of their own; they are deleted by it alone, and it outlives the connection.
    @Test func messagesToTheDeviceHaveTheirOwnToken() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            var client = SlidingClient(users[1], body: encryption)
            let first = try await client.sync(with: server)
            #expect(first.extensionOf("to_device")?["events"] == [])
            let waiting = try await client.waiting(on: server)
            try await send(1, to: users[1], from: users[0], on: server)
            let woken = try await waiting.value
            #expect(numbers(woken) == [1])
            // The position moves on; what has not been acknowledged stays.
            client.position = woken.position
            #expect(try await numbers(client.sync(with: server)) == [1])
            #expect(try await numbers(client.answer(of: server, from: nil)) == [1])
            let token = try #require(woken.extensionOf("to_device")?["next_batch"])
            for number in 2...4 { try await send(number, to: users[1], from: users[0], on: server) }
            client.body["extensions"] = ["to_device": ["enabled": true, "since": token, "limit": 2]]
            client.position = nil
            let next = try await client.sync(with: server)
            #expect(numbers(next) == [2, 3])
            client.body["extensions"] = [
                "to_device": ["enabled": true, "since": next.extensionOf("to_device")?["next_batch"] ?? .null]
            ]
            #expect(try await numbers(client.sync(with: server)) == [4])
            // Deleted for good, also for a client that asks from the beginning.
            client.body = encryption
            client.position = nil
            #expect(try await numbers(client.sync(with: server)) == [4])
        }
    }

    @Test func keysAreTold() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            var client = SlidingClient(users[0], body: encryption)
            let first = try #require(try await client.sync(with: server).extensionOf("e2ee"))
            #expect(first["device_one_time_keys_count"]?["signed_curve25519"] == 0)
            #expect(first["device_unused_fallback_key_types"] == [])
            #expect(first["device_lists"] == nil)
            let waiting = try await client.waiting(on: server)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let woken = try #require(try await waiting.value.extensionOf("e2ee"))
            #expect(woken["device_lists"]?["changed"]?.strings.contains(users[1].userID.string) == true)
            #expect(woken["device_one_time_keys_count"] != nil)
        }
    }
}
