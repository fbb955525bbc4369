import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Sync
import Testing

/// Lists of rooms, their windows and filters.
@Suite struct SlidingListTests {
    private func rooms(
        _ filters: JSONObject, _ user: TestUser, on server: TestServer, _ form: SlidingSyncRequest.Form = .unstable
    ) async throws -> Set<RoomID> {
        let body: JSONObject =
            form == .v4
            ? ["lists": ["a": ["timeline_limit": 1, "filters": .object(filters)]]]
            : SlidingClient.list(limit: 1, filters: filters)
        let answer = try await SlidingClient(user, form, body: body).answer(of: server, from: nil)
        let rooms = Set(answer.rooms.keys.compactMap { RoomID($0) })
        #expect(answer.count == Int64(rooms.count))
        return rooms
    }

    private func space(of user: TestUser, on server: TestServer) async throws -> RoomID {
        server.clock.advance(milliseconds: 1)
        var creation = RoomCreation()
        creation.preset = .publicChat
        creation.creationContent = ["type": "m.space"]
        return try await server.rooms.create(creation, creator: user.userID)
    }

    @Test func filtersAskWhatTheRoomsAre() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let alice = users[0]
            let plain = try await server.room(of: [alice])
            let secret = try await server.room(of: [alice])
            let space = try await space(of: alice, on: server)
            let invited = try await server.room(of: [users[1]])
            try await server.rooms.invite(alice.userID, to: invited, by: users[1].userID, reason: nil)
            let all: Set = [plain, secret, space, invited]
            #expect(try await rooms(["is_encrypted": true], alice, on: server) == [])
            _ = try await server.rooms.setState(
                "m.room.encryption", stateKey: "", content: ["algorithm": "m.megolm.v1.aes-sha2"], in: secret,
                sender: alice.userID)
            _ = try await server.rooms.setState(
                "m.space.child", stateKey: plain.string, content: ["via": ["test"]], in: space, sender: alice.userID)
            _ = try await server.rooms.setState(
                "m.space.child", stateKey: secret.string, content: [:], in: space, sender: alice.userID)
            try await server.accounts.setAccountData(
                "m.direct", of: alice.userID, room: nil, content: ["@x:test": [.string(secret.string)]])
            #expect(try await rooms([:], alice, on: server) == all)
            #expect(try await rooms(["is_encrypted": true], alice, on: server) == [secret])
            #expect(try await rooms(["is_encrypted": false], alice, on: server) == all.subtracting([secret]))
            #expect(try await rooms(["is_dm": true], alice, on: server) == [secret])
            #expect(try await rooms(["is_dm": false], alice, on: server) == all.subtracting([secret]))
            #expect(try await rooms(["is_invite": true], alice, on: server) == [invited])
            #expect(try await rooms(["is_invited": false], alice, on: server, .v4) == all.subtracting([invited]))
            #expect(try await rooms(["not_room_types": ["m.space"]], alice, on: server) == all.subtracting([space]))
            #expect(try await rooms(["room_types": ["m.space"]], alice, on: server) == [space])
            #expect(try await rooms(["room_types": [.null]], alice, on: server) == all.subtracting([space]))
            #expect(
                try await rooms(["room_types": ["m.space"], "not_room_types": ["m.space"]], alice, on: server) == [])
            #expect(try await rooms(["spaces": [.string(space.string)]], alice, on: server) == [plain])
            #expect(try await rooms(["spaces": ["!none:test"]], alice, on: server) == [])
            // The filters are those of the invitation too.
            #expect(try await rooms(["is_encrypted": true, "is_invite": true], alice, on: server) == [])
        }
    }

    @Test func tagsFilterAndFollowTheirChanges() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let first = try await server.room(of: [alice])
            let second = try await server.room(of: [alice])
            func tag(_ names: [String], _ roomID: RoomID) async throws {
                try await server.accounts.setAccountData(
                    "m.tag", of: alice.userID, room: try await server.rooms.room(roomID).number,
                    content: ["tags": .object(JSONObject(members: names.map { ($0, [:]) }))])
            }
            try await tag(["m.favourite", "u.work"], first)
            #expect(try await rooms(["tags": ["m.favourite"]], alice, on: server) == [first])
            #expect(try await rooms(["not_tags": ["m.favourite"]], alice, on: server) == [second])
            #expect(try await rooms(["tags": ["m.favourite"], "not_tags": ["u.work"]], alice, on: server) == [])
            try await tag(["m.favourite"], second)
            try await tag([], first)
            #expect(try await rooms(["tags": ["m.favourite"]], alice, on: server) == [second])
        }
    }

    /// Rule 75.
    @Test func aWindowGrowsWithoutRepeating() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            var made: [RoomID] = []
            for _ in 0..<6 { made.append(try await server.room(of: [alice])) }
            let latestFirst = Array(made.reversed())
            var client = SlidingClient(alice, body: SlidingClient.list(0...1, limit: 1))
            let first = try await client.sync(with: server)
            #expect(Set(first.rooms.keys) == Set(latestFirst[0...1].map(\.string)))
            #expect(first.count == 6)
            client.body = SlidingClient.list(0...3, limit: 1)
            let next = try await client.sync(with: server, timeoutMilliseconds: 30_000)
            #expect(Set(next.rooms.keys) == Set(latestFirst[2...3].map(\.string)))
            client.body = SlidingClient.list(0...99, limit: 1)
            #expect(Set(try await client.sync(with: server).rooms.keys) == Set(latestFirst[4...].map(\.string)))
            #expect(try await client.sync(with: server).rooms.isEmpty)
        }
    }

    /// The target is a cold connection of a user with many rooms: it must not look into all of them.
    @Test func theFirstWindowReadsLittle() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            for _ in 0..<40 { _ = try await server.room(of: [alice]) }
            try await server.afterRestart { next throws in
                let client = SlidingClient(alice)
                let before = next.reads.value
                let answer = try await client.answer(of: next, from: nil)
                #expect(answer.rooms.count == 20)
                #expect(answer.count == 40)
                // The user's rooms twice, his settings, what the filter asks of all rooms, the rooms of the window in
                // one go, and account data.
                #expect(next.reads.value - before <= 8)
            }
        }
    }
}
