import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

@Suite struct SendingTests {
    /// Rule 23.
    @Test func aRepeatedTransactionIsOneEvent() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let other = try await server.user("alice", device: "OTHER")
            let roomID = try await server.room(of: users)
            let first = try await server.say("one", as: users[0], in: roomID, transaction: "t")
            #expect(try await server.say("two", as: users[0], in: roomID, transaction: "t") == first)
            // Another device, another type and another transaction are other events.
            #expect(try await server.say("one", as: other, in: roomID, transaction: "t") != first)
            #expect(try await server.say("one", as: users[0], in: roomID, transaction: "u") != first)
            let sticker = try await server.rooms.send(
                "m.sticker", content: ["body": "s"], to: roomID, transactionID: "t", sender: users[0].sender)
            #expect(sticker != first)
            // After leaving, too: what was done is only told again.
            try await server.rooms.leave(roomID, userID: users[0].userID, reason: nil)
            #expect(try await server.say("one", as: users[0], in: roomID, transaction: "t") == first)
            try await server.afterRestart { next throws in
                #expect(try await next.say("one", as: users[0], in: roomID, transaction: "t") == first)
            }
        }
    }

    /// Rule 23.
    @Test func fiftyAtOnceAreOneEvent() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let before = try await RoomHistory(roomID, of: server).entries.count
            let eventIDs = try await withThrowingTaskGroup(of: EventID.self) { group in
                for number in 0..<50 {
                    group.addTask { try await server.say("\(number)", as: alice, in: roomID, transaction: "same") }
                }
                return try await group.reduce(into: Set<EventID>()) { $0.insert($1) }
            }
            #expect(eventIDs.count == 1)
            #expect(try await RoomHistory(roomID, of: server).entries.count == before + 1)
        }
    }

    @Test func aRefusedEventLeavesTheHeadAsItWas() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let large = String(repeating: "x", count: 70_000)
            let results = try await server.inOneBatch([
                { @Sendable in try await server.say("first", as: users[0], in: roomID) },
                { @Sendable in try await server.say(large, as: users[0], in: roomID, transaction: "large") },
                { @Sendable in
                    try await server.rooms.setState(
                        "m.room.name", stateKey: "", content: ["name": "mine"], in: roomID, sender: users[1].userID)
                },
                { @Sendable in try await server.say("last", as: users[1], in: roomID) },
            ])
            #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
            #expect(await refusal { _ = try results[1].get() } == .tooLarge)
            #expect(await refusal { _ = try results[2].get() } == .forbidden)
            try await RoomHistory(roomID, of: server).verify()
            try await server.expectViewAgrees(roomID)
        }
    }

    private struct Failure: Error {}

    /// A whole batch that fails, and with it a state, a member and a message that others in it built upon.
    @Test func aFailedBatchLeavesTheHeadAsItWas() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            let count = try await RoomHistory(roomID, of: server).entries.count
            let results = try await server.inOneBatch([
                { @Sendable in _ = try await server.say("lost", as: users[0], in: roomID) },
                { @Sendable in try await server.rooms.join(roomID, userID: users[1].userID, reason: nil) },
                { @Sendable in _ = try await server.say("lost too", as: users[1], in: roomID) },
                { @Sendable in
                    try await server.writes.submit(savepoint: false) { context in
                        _ = context.nextPosition()
                        throw Failure()
                    }
                },
            ])
            #expect(results.allSatisfy { (try? $0.get()) == nil })
            #expect(try await RoomHistory(roomID, of: server).entries.count == count)
            #expect(await refusal { try await server.say("no", as: users[1], in: roomID) } == .forbidden)
            try await server.say("next", as: users[0], in: roomID)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            try await server.say("hello", as: users[1], in: roomID)
            try await RoomHistory(roomID, of: server).verify()
            try await server.expectViewAgrees(roomID)
        }
    }

    /// Rule 26.
    @Test func theSameStateAgainIsNoNewEvent() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            func set(_ key: String, _ value: JSONValue) async throws -> EventID {
                try await server.rooms.setState(
                    "x.state", stateKey: key, content: ["v": value], in: roomID, sender: alice.userID)
            }
            let first = try await set("\u{E9}", 1)
            #expect(try await set("\u{E9}", 1) == first)
            #expect(try await set("\u{E9}", 2) != first)
            // Another state key, though `String` takes the two for one.
            let second = try await set("e\u{301}", 1)
            #expect(second != first)
            let nul = try await set("k\u{0}x", 1)
            let plain = try await set("k", 1)
            #expect(nul != plain)
            try await server.expectViewAgrees(roomID)
            try await server.afterRestart { next throws in try await next.expectViewAgrees(roomID) }
        }
    }
}
