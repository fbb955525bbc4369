import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import Search
import ServerUnderTest
import Testing

/// Rule 118: people are found by what is typed of their names, by those who may see them.
@Suite struct UserDirectoryTests {
    private func name(_ name: String, _ user: TestUser, on server: TestServer) async throws {
        try await server.accounts.setProfileField("displayname", to: .string(name), of: user.userID)
    }

    private func found(
        _ term: String, by user: TestUser, limit: Int = 10, on server: TestServer
    ) async throws -> [UserID] {
        try await server.homeserver.userDirectory.search(term, searcher: user.userID, limit: limit)
            .people.map(\.userID)
    }

    private func privateRoom(of users: [TestUser], on server: TestServer) async throws {
        server.clock.advance(milliseconds: 1)
        var creation = RoomCreation()
        creation.preset = .privateChat
        creation.invitees = users.dropFirst().map(\.userID)
        let roomID = try await server.rooms.create(creation, creator: users[0].userID)
        for user in users.dropFirst() { try await server.rooms.join(roomID, userID: user.userID, reason: nil) }
    }

    /// Rule 118.
    @Test func peopleOfSharedRoomsAreFound() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "minjun")
            let (alice, bob, minjun) = (users[0], users[1], users[2])
            try await name("100% Bob_", bob, on: server)
            try await name("김민준", minjun, on: server)
            try await privateRoom(of: [alice, bob, minjun], on: server)
            for isIndexed in [false, true] {
                if isIndexed { try await server.index() }
                for term in ["bob", "BOB", "100%", "Bob_", "@bob", "@bob:te", "@bob:test", "bo"] {
                    #expect(try await found(term, by: alice, on: server) == [bob.userID], "\(term)")
                }
                for term in ["민준", "ㄱㅁㅈ", "ㅁㅈ", "민ㅈ", "김미", "min"] {
                    #expect(try await found(term, by: alice, on: server) == [minjun.userID], "\(term)")
                }
                // Nobody finds himself; the server's name is nobody's.
                for term in ["alice", "test", "\\", "", "b_b", "@bo:test", "@bob:other", "ob"] {
                    #expect(try await found(term, by: alice, on: server).isEmpty, "\(term)")
                }
            }
        }
    }

    /// Rule 118.
    @Test func strangersAreNotFound() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol", "dave")
            let (alice, bob, carol, dave) = (users[0], users[1], users[2], users[3])
            try await privateRoom(of: [alice, bob], on: server)
            try await server.index()
            #expect(try await found("bob", by: carol, on: server).isEmpty)
            // Except by the whole ID.
            #expect(try await found("@bob:test", by: carol, on: server) == [bob.userID])
            // Whom one sees in a public room one finds.
            _ = try await server.room(of: [dave])
            #expect(try await found("dave", by: carol, on: server) == [dave.userID])
            #expect(try await found("bob", by: dave, on: server).isEmpty)
        }
    }

    /// Rule 118.
    @Test func changesAreSeenAtOnce() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            _ = try await server.room(of: [users[1]])
            try await name("Blackbird", users[1], on: server)
            #expect(try await found("black", by: users[0], on: server) == [users[1].userID])
            try await server.index()
            #expect(try await found("black", by: users[0], on: server) == [users[1].userID])
            try await name("Nightingale", users[1], on: server)
            for isIndexed in [false, true] {
                if isIndexed { try await server.index() }
                #expect(try await found("black", by: users[0], on: server).isEmpty)
                #expect(try await found("night", by: users[0], on: server) == [users[1].userID])
            }
            let changes = try await server.database.read { try $0.directoryChanges(limit: 10) }
            #expect(changes.isEmpty)
        }
    }

    /// Rule 118.
    @Test func theClosestComeFirstAndTheRestIsTold() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            var people: [TestUser] = [alice]
            for (localpart, displayName) in [
                ("u1", "민지혜 선생님"), ("u2", "민지"), ("u3", "김민지"), ("u4", nil), ("minji", nil),
            ] {
                let user = try await server.user(localpart)
                if let displayName { try await name(displayName, user, on: server) }
                people.append(user)
            }
            try await privateRoom(of: people, on: server)
            try await server.index()
            #expect(
                try await found("민지", by: alice, on: server).map(\.localpart) == ["u2", "u1", "u3"])
            #expect(try await found("민지", by: alice, limit: 1, on: server).map(\.localpart) == ["u2"])
            let answer = try await server.post("user_directory/search", ["search_term": "u", "limit": 3], as: alice)
            #expect(answer.json["limited"] == true)
            #expect(answer.json["results"]?.arrayValue?.count == 3)
            let all = try await server.post("user_directory/search", ["search_term": "u"], as: alice)
            #expect(all.json["limited"] == false)
            #expect(all.json["results"]?.arrayValue?.count == 4)
            let exact = try await server.post("user_directory/search", ["search_term": "@u2:test"], as: alice)
            #expect(exact.json["results"] == [["user_id": "@u2:test", "display_name": "민지"]])
        }
    }

    /// Rule 115: the directory of public rooms understands the same.
    @Test func publicRoomsAreFoundTheSameWay() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            try await server.setState("m.room.name", ["name": "한국 여행"], as: alice, in: roomID)
            try await server.rooms.setListed(true, roomID: roomID, by: alice.userID)
            for (term, count) in [("ㅎㄱ", 1), ("한구", 1), ("여행", 1), ("", 1), ("중국", 0), ("!", 0)] {
                let answer = try await server.post(
                    "publicRooms", ["filter": ["generic_search_term": .string(term)]], as: alice)
                #expect(answer.json["chunk"]?.arrayValue?.count == count, "\(term)")
            }
        }
    }
}
