import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// How many people were there when something was said.
///
/// https://spec.matrix.org/v1.19/client-server-api/#conditions
@Suite struct MemberCountTests {
    /// Runs `body` with a user, the second, who is notified of messages in rooms of two only.
    private func withRoomOfTwo(_ body: (TestServer, [TestUser], RoomID) async throws -> Void) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            try await server.accounts.changePushRule(.underride, ".m.rule.message", of: users[1].userID) {
                $0.isEnabled = false
            }
            try await body(server, users, try await server.room(of: [users[0], users[1]]))
        }
    }

    private func count(_ user: TestUser, in roomID: RoomID, on server: TestServer) async throws -> Int64? {
        try await server.sync(user, wantsFullState: true).room(roomID)?.notificationCount
    }

    /// Rule 97: the rule for rooms of two is about when the message was sent, not about when it is counted.
    @Test func thoseWereCountedWhoWereThere() async throws {
        try await withRoomOfTwo { server, users, roomID in
            let (alice, bob, carol) = (users[0], users[1], users[2])
            try await server.say("we are two", as: alice, in: roomID)
            try await server.rooms.join(roomID, userID: carol.userID, reason: nil)
            try await server.say("we are three", as: alice, in: roomID)
            #expect(try await count(bob, in: roomID, on: server) == 1)
            try await server.rooms.leave(roomID, userID: carol.userID, reason: nil)
            try await server.say("two again", as: alice, in: roomID)
            #expect(try await count(bob, in: roomID, on: server) == 2)
            try await server.afterRestart { next throws in
                #expect(try await count(bob, in: roomID, on: next) == 2)
            }
        }
    }

    /// Rule 97: as well in what is no longer in memory, and for somebody who comes and goes.
    @Test func aLongHistoryIsCountedAsItWas() async throws {
        try await withRoomOfTwo { server, users, roomID in
            let (alice, bob, carol) = (users[0], users[1], users[2])
            for round in 0..<3 {
                try await server.say("two \(round)", as: alice, in: roomID)
                try await server.rooms.join(roomID, userID: carol.userID, reason: nil)
                for number in 0..<12 { try await server.say("three \(round) \(number)", as: alice, in: roomID) }
                try await server.rooms.leave(roomID, userID: carol.userID, reason: nil)
            }
            try await server.afterRestart { next throws in
                // A room that is loaded has its latest twenty events in memory.
                #expect(try await next.rooms.room(roomID).read { $0.timelineStart } > .zero)
                #expect(try await count(bob, in: roomID, on: next) == 3)
            }
        }
    }

    /// A new name is a member event too, and nobody comes or goes.
    @Test func namesAreNotCounted() async throws {
        try await withRoomOfTwo { server, users, roomID in
            try await server.say("two", as: users[0], in: roomID)
            for name in ["A", "B"] {
                _ = try await server.rooms.setState(
                    "m.room.member", stateKey: users[0].userID.string,
                    content: ["membership": "join", "displayname": .string(name)], in: roomID,
                    sender: users[0].userID)
            }
            #expect(try await count(users[1], in: roomID, on: server) == 1)
        }
    }
}
