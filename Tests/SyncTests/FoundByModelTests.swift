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

    /// A change that a newcomer may not see is not undone by an earlier one that he may see.
    @Test func hiddenChangesAreNotUndoneByTheTimeline() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]], visibility: "invited")
            let joined: JSONObject = ["history_visibility": "joined"]
            let hidden = try await server.rooms.setState(
                "m.room.history_visibility", stateKey: "", content: joined, in: roomID, sender: users[0].userID)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let room = try #require(try await server.sync(users[1]).room(roomID))
            let known = (room.state + room.timeline).last { $0["type"] == "m.room.history_visibility" }
            #expect(known?["event_id"]?.stringValue == hidden.string)
            #expect(room.isLimited)
        }
    }

    /// Another device of somebody who has left and forgotten a room learns that he is in it no more.
    @Test func aForgottenRoomIsLeftOnAllDevices() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let before = try await server.sync(users[1])
            var sliding = SlidingClient(users[1])
            _ = try await sliding.sync(with: server)
            try await server.say("before the leave", as: users[0], in: roomID)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.rooms.forget(roomID, userID: users[1].userID)
            let room = try #require(try await server.sync(users[1], since: before.nextBatch).room(roomID, "leave"))
            // And nothing more of it.
            #expect(room.bodies.isEmpty && room.timeline.last?["content"]?["membership"] == "leave")
            let answer = try await sliding.sync(with: server)
            #expect(answer.room(roomID)?.bodies == [])
            #expect(answer.count == 1)
            #expect(try await sliding.sync(with: server).count == 0)
        }
    }

    /// Whoever was removed and is invited again by somebody he ignores learns of the first only.
    @Test func aHiddenInvitationDoesNotHideTheRemoval() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await server.ignore(users[0], as: users[1])
            let before = try await server.sync(users[1])
            try await server.rooms.kick(users[1].userID, from: roomID, by: users[0].userID, reason: nil)
            try await server.rooms.invite(users[1].userID, to: roomID, by: users[0].userID, reason: nil)
            let answer = try await server.sync(users[1], since: before.nextBatch)
            #expect(answer.rooms("invite").members.isEmpty)
            #expect(answer.room(roomID, "leave")?.timeline.last?["content"]?["membership"] == "leave")
        }
    }

    /// A name that was redacted is taken away in sliding sync, too, where the server says what the name is.
    @Test func aRedactedNameIsTakenAway() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice")
            let roomID = try await server.room(of: users)
            let name = try await server.rooms.setState(
                "m.room.name", stateKey: "", content: ["name": "N"], in: roomID, sender: users[0].userID)
            let body: JSONObject = ["lists": ["a": ["range": [0, 9], "timeline_limit": 1]]]
            var sliding = SlidingClient(users[0], .v4, body: body)
            #expect(try await sliding.sync(with: server).room(roomID)?["name"] == "N")
            try await server.redact(name, as: users[0], in: roomID)
            #expect(try await sliding.sync(with: server).room(roomID)?["name"] == .null)
        }
    }

    /// Where one event has room for one receipt of a user, it is the one that says most.
    @Test func anUnthreadedReceiptStandsForThreadedOnes() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let event = try await server.say("root", as: users[0], in: roomID)
            for thread in ["main", nil, event.string] {
                try await server.rooms.mark(
                    [.init(type: .read, eventID: event, threadID: thread)], in: roomID, userID: users[1].userID)
            }
            var sliding = SlidingClient(users[0])
            let answer = try await sliding.sync(with: server)
            let receipts = answer.extensionOf("receipts")?["rooms"]?[roomID.string]?["content"]
            let receipt = receipts?[event.string]?["m.read"]?[users[1].userID.string]
            #expect(receipt?["ts"] != nil && receipt?["thread_id"] == nil)
        }
    }

    /// Redacting a change of the history's visibility shows nobody what was hidden before it.
    @Test func aRedactedVisibilityHidesWhatItHid() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]], visibility: "joined")
            try await server.say("hidden", as: users[0], in: roomID)
            let content: JSONObject = ["history_visibility": "shared"]
            let change = try await server.rooms.setState(
                "m.room.history_visibility", stateKey: "", content: content, in: roomID, sender: users[0].userID)
            try await server.redact(change, as: users[0], in: roomID)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            #expect(try await server.sync(users[1]).room(roomID)?.bodies == [])
            try await server.afterRestart { next throws in
                #expect(try await next.sync(users[1]).room(roomID)?.bodies == [])
            }
        }
    }

    /// Who leaves and comes back between two syncs is told that he types no more.
    @Test func comingBackEndsTyping() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let room = try await server.rooms.room(roomID)
            server.rooms.typing.start(users[1].userID, in: room, timeoutMilliseconds: 9_000)
            let typing = try await server.sync(users[1])
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            #expect(try await server.sync(users[1], since: typing.nextBatch).room(roomID)?.typists == [])
        }
    }

    /// Who joins while somebody types is told after a restart that nobody does.
    @Test func typingSeenAtTheJoinEndsWithARestart() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            let before = try await server.sync(users[1])
            let room = try await server.rooms.room(roomID)
            server.rooms.typing.start(users[0].userID, in: room, timeoutMilliseconds: 9_000)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let joined = try await server.sync(users[1], since: before.nextBatch)
            #expect(joined.room(roomID)?.typists == [users[0].userID.string])
            server.clock.advance(milliseconds: 5_000)
            try await server.afterRestart { next throws in
                #expect(try await next.sync(users[1], since: joined.nextBatch).room(roomID)?.typists == [])
            }
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
