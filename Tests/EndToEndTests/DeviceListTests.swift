import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Sync
import Testing

extension TestServer {
    /// Publishes new keys for a new device of the user.
    func addDevice(_ localpart: String, _ deviceID: String) async throws {
        let device = try await user(localpart, device: deviceID)
        let answer = await call(
            "POST", "keys/upload", as: device, ["device_keys": .object(TestKeys(user: device).deviceKeys())])
        precondition(answer.status == 200)
    }

    func encrypt(_ roomID: RoomID, by user: TestUser) async throws {
        _ = try await rooms.setState(
            "m.room.encryption", stateKey: "", content: ["algorithm": "m.megolm.v1.aes-sha2"], in: roomID,
            sender: user.userID)
    }

    /// What a sync and `/keys/changes` say for the same range; they must say the same.
    func deviceLists(_ user: TestUser, since: String) async throws -> (changed: [String], left: [String], next: String)
    {
        let answer = try await sync(user, since: since)
        let changes = await call("GET", "keys/changes?from=\(since)&to=\(answer.nextBatch)", as: user)
        #expect(changes.json["changed"]?.strings == answer.changed)
        #expect(changes.json["left"]?.strings == answer.left)
        // Of a range that has no room in memory the store says the same.
        let stored = try await afterRestart { try await $0.sync(user, since: since) }
        #expect(stored.changed == answer.changed)
        #expect(stored.left == answer.left)
        return (answer.changed, answer.left, answer.nextBatch)
    }
}

/// Whose keys have changed: rules 84 and 85.
@Suite struct DeviceListTests {
    @Test(
        "rules 84 and 85: those who share a room hear of new and deleted devices, and so does the user; others do not")
    func changesReachWhoSharesARoom() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            _ = try await server.room(of: [users[0], users[1]])
            var tokens: [String] = []
            for user in users { tokens.append(try await server.sync(user).nextBatch) }
            #expect(try await server.sync(users[0]).json["device_lists"] == nil)
            try await server.addDevice("bob", "NEW")
            for (index, expected) in [["@bob:test"], ["@bob:test"], []].enumerated() {
                let lists = try await server.deviceLists(users[index], since: tokens[index])
                #expect(lists.changed == expected)
                #expect(lists.left == [])
                tokens[index] = lists.next
            }
            #expect(try await server.deviceLists(users[0], since: tokens[0]).changed == [])
            try await server.accounts.deleteDevices(["NEW"], of: users[1].userID)
            #expect(try await server.deviceLists(users[0], since: tokens[0]).changed == ["@bob:test"])
            // A device without keys is nobody's business.
            let token = try await server.sync(users[0]).nextBatch
            _ = try await server.user("bob", device: "SILENT")
            try await server.accounts.deleteDevices(["SILENT"], of: users[1].userID)
            #expect(try await server.deviceLists(users[0], since: token).changed == [])
        }
    }

    @Test("rule 84: cross-signing keys and signatures are changes; whom a user verifies only he hears of")
    func crossSigningIsAChange() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            _ = try await server.room(of: users)
            let keys = users.map { TestCrossSigning(userID: $0.userID) }
            var token = try await server.sync(users[0]).nextBatch
            await server.call("POST", "keys/device_signing/upload", as: users[1], keys[1].upload)
            let first = try await server.deviceLists(users[0], since: token)
            #expect(first.changed == ["@bob:test"])
            // The same again is no news.
            await server.call("POST", "keys/device_signing/upload", as: users[1], keys[1].upload)
            let second = try await server.deviceLists(users[0], since: first.next)
            #expect(second.changed == [])
            await server.call("POST", "keys/device_signing/upload", as: users[0], keys[0].upload)
            token = try await server.sync(users[0], since: second.next).nextBatch
            let bobs = try await server.sync(users[1]).nextBatch
            let master = TestCrossSigning.name(keys[1].master)
            let signed = sign(keys[1].masterJSON, with: keys[0].userSigning, userID: users[0].userID)
            await server.call(
                "POST", "keys/signatures/upload", as: users[0],
                JSONObject(members: [("@bob:test", .object(JSONObject(members: [(master, .object(signed))])))]))
            #expect(try await server.deviceLists(users[0], since: token).changed == ["@bob:test"])
            #expect(try await server.deviceLists(users[1], since: bobs).changed == [])
        }
    }

    @Test("rule 84: whoever comes to share a room is changed, on their join, on mine, and on an invitation")
    func joinsAreChanges() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[2]])
            let alices = try await server.sync(users[0]).nextBatch
            let bobs = try await server.sync(users[1]).nextBatch
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            #expect(try await server.deviceLists(users[0], since: alices).changed == ["@bob:test"])
            #expect(try await server.deviceLists(users[1], since: bobs).changed == ["@alice:test", "@carol:test"])
            // He is told again when he comes back: meanwhile his keys may have changed unnoticed.
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            let token = try await server.sync(users[0]).nextBatch
            try await server.addDevice("bob", "UNSEEN")
            #expect(try await server.deviceLists(users[0], since: token).changed == [])
            try await server.rooms.invite(users[1].userID, to: roomID, by: users[0].userID, reason: nil)
            let invited = try await server.deviceLists(users[0], since: token)
            #expect(invited.changed == ["@bob:test"])
            try await server.addDevice("bob", "SEEN")
            #expect(try await server.deviceLists(users[0], since: invited.next).changed == ["@bob:test"])
        }
    }

    @Test("rule 84: who shares no encrypted room any more has left, by his leave or by mine")
    func leavesAreLeft() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let plain = try await server.room(of: users)
            var encrypted: [RoomID] = []
            for _ in 0..<2 {
                encrypted.append(try await server.room(of: users))
                try await server.encrypt(encrypted.last!, by: users[0])
            }
            var token = try await server.sync(users[0]).nextBatch
            // One encrypted room is left.
            try await server.rooms.leave(encrypted[0], userID: users[1].userID, reason: nil)
            var lists = try await server.deviceLists(users[0], since: token)
            #expect(lists.left == [])
            token = lists.next
            try await server.rooms.leave(encrypted[1], userID: users[1].userID, reason: nil)
            lists = try await server.deviceLists(users[0], since: token)
            #expect(lists.left == ["@bob:test"])
            #expect(try await server.deviceLists(users[0], since: lists.next).left == [])
            // By my leave; and from a room that was not encrypted, when no other is left.
            try await server.rooms.join(encrypted[1], userID: users[1].userID, reason: nil)
            token = try await server.sync(users[0]).nextBatch
            try await server.rooms.leave(encrypted[1], userID: users[0].userID, reason: nil)
            lists = try await server.deviceLists(users[0], since: token)
            #expect(lists.left == ["@bob:test"])
            try await server.rooms.leave(plain, userID: users[0].userID, reason: nil)
            #expect(try await server.deviceLists(users[0], since: lists.next).left == ["@bob:test"])
        }
    }

    @Test("a change of keys wakes the syncs that wait for it, and no others")
    func changesWake() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            _ = try await server.room(of: [users[0], users[1]])
            let tokens = (try await server.sync(users[0]).nextBatch, try await server.sync(users[2]).nextBatch)
            let waiting = Task { try await server.sync(users[0], since: tokens.0, timeoutMilliseconds: 60_000) }
            let stranger = Task { try await server.sync(users[2], since: tokens.1, timeoutMilliseconds: 60_000) }
            while server.sync.waitCount < 2 { await Task.yield() }
            try await server.addDevice("bob", "NEW")
            #expect(try await waiting.value.changed == ["@bob:test"])
            #expect(server.sync.waitCount == 1)
            server.clock.advance(milliseconds: 61_000)
            server.sync.expireWaits()
            #expect(try await stranger.value.changed == [])
        }
    }

    @Test("rule 85: tokens are checked") func tokensAreChecked() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            for query in ["", "?to=s1", "?from=x&to=s1", "?from=s1&to=x"] {
                #expect(await server.call("GET", "keys/changes\(query)", as: alice).status == 400)
            }
        }
    }
}
