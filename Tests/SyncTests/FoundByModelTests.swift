import CanonicalJSON
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// What the model of who sees what has found (see `SyncModelTests`), each in the few steps that it takes.
@Suite struct FoundByModelTests {
    /// The state that a newcomer may not see the making of, between events that he may see, is in `state`.
    @Test(arguments: [nil, "joined"] as [String?]) func stateBetweenVisibleEventsIsNotLost(
        visibility: String?
    ) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]], visibility: visibility ?? "shared")
            _ = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "t"], in: roomID, sender: users[0].userID)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let room = try #require(try await server.sync(users[1]).room(roomID))
            let known = Set((room.state + room.timeline).compactMap { $0["type"]?.stringValue })
            #expect(known.isSuperset(of: ["m.room.create", "m.room.topic", "m.room.join_rules"]))
        }
    }

    /// Who began to type while nothing of a user was in memory is told to him all the same.
    @Test func typingFromBeforeTheStreamIsTold() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let first = try await server.sync(users[1])
            server.clock.advance(milliseconds: 660_000)
            server.sync.forgetUnused()
            let room = try await server.rooms.room(roomID)
            server.rooms.typing.start(users[0].userID, in: room, timeoutMilliseconds: 9_000)
            let second = try await server.sync(users[1], since: first.nextBatch)
            #expect(second.room(roomID)?.typists == [users[0].userID.string])
            server.clock.advance(milliseconds: 660_000)
            server.sync.forgetUnused()
            server.rooms.typing.expire()
            let third = try await server.sync(users[1], since: second.nextBatch)
            #expect(third.room(roomID)?.typists == [])
        }
    }
}
