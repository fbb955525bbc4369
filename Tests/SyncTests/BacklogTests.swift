import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// Members of a busy room who have fallen behind further than what is kept of it in memory.
@Suite(.timeLimit(.minutes(1))) struct BacklogTests {
    private func fill(_ roomID: RoomID, _ count: Int, by user: TestUser, on server: TestServer) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let start = server.rooms.position
            for number in 0..<count {
                group.addTask { try await server.say("\(start).\(number)", as: user, in: roomID) }
            }
            try await group.waitForAll()
        }
    }

    private let filter: JSONObject = ["room": ["timeline": ["limit": 10]]]

    /// The bound: however many members are behind, the store is read as if it were one.
    @Test func catchingUpReadsTheStoreOnceForAll() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            var members: [TestUser] = []
            for number in 0..<30 { members.append(try await server.user("m\(number)")) }
            let roomID = try await server.room(of: [alice] + members)
            var tokens: [String] = []
            for member in members { tokens.append(try await server.sync(member, filter: filter).nextBatch) }
            try await fill(roomID, 1_000, by: alice, on: server)
            _ = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "t"], in: roomID, sender: alice.userID)
            try await fill(roomID, 400, by: alice, on: server)
            let before = server.reads.value
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (member, token) in zip(members, tokens) {
                    group.addTask {
                        let answer = try await server.sync(member, since: token, filter: filter)
                        let room = try #require(answer.room(roomID))
                        #expect(room.isLimited)
                        #expect(room.notificationCount == 1_400)
                        #expect(room.state.contains { $0["type"] == "m.room.topic" })
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.reads.value - before <= 3)
            // Behind again, from where the others were read to.
            try await fill(roomID, 600, by: alice, on: server)
            let again = server.reads.value
            for (member, token) in zip(members, tokens) {
                let room = try await server.sync(member, since: token, filter: filter).room(roomID)
                #expect(try #require(room?.notificationCount) >= 1_900)
            }
            #expect(server.reads.value - again <= 3)
        }
    }

    /// Rule 32: what has been redacted is not counted from a stretch that was read before.
    @Test func aRedactionIsSeenByWhoIsBehind() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users)
            let tokens = try await users.asyncMap { try await server.sync($0, filter: filter).nextBatch }
            let event = try await server.say("to be redacted", as: users[0], in: roomID)
            try await fill(roomID, 600, by: users[0], on: server)
            func count(_ index: Int) async throws -> Int64? {
                try await server.sync(users[index], since: tokens[index], filter: filter).room(roomID)?
                    .notificationCount
            }
            #expect(try await count(1) == 601)
            _ = try await server.rooms.redact(
                event, in: roomID, reason: nil, transactionID: "r", sender: users[0].sender)
            #expect(try await count(2) == 600)
            #expect(try await count(1) == 600)
        }
    }
}
