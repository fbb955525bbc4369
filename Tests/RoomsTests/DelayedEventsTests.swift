import CanonicalJSON
import Homeserver
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// Events that are sent later (MSC4140).
@Suite struct DelayedEventsTests {
    private func schedule(
        _ body: String, after delay: Int64, as user: TestUser, in roomID: RoomID, on server: TestServer,
        transaction: String? = nil
    ) async throws -> String {
        try await server.homeserver.delayedEvents.schedule(
            .init(
                type: "m.room.message", stateKey: nil, content: ["msgtype": "m.text", "body": .string(body)],
                roomID: roomID, delayMilliseconds: delay, transactionID: transaction ?? body),
            sender: user.sender)
    }

    private func bodies(_ roomID: RoomID, on server: TestServer) async throws -> [String] {
        try await RoomHistory(roomID, of: server).entries.compactMap { $0.pdu.content["body"]?.stringValue }
    }

    private func outcome(_ delayID: String, _ user: TestUser, on server: TestServer) async throws
        -> DelayedEventRecord?
    {
        try await server.homeserver.delayedEvents.events(of: user.userID).first { $0.delayID == delayID }
    }

    @Test func itIsSentOnceWhenItsTimeHasCome() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            await server.homeserver.sendDueEvents()
            let delayID = try await schedule("later", after: 1_000, as: alice, in: roomID, on: server)
            #expect(try await schedule("later", after: 1_000, as: alice, in: roomID, on: server) == delayID)
            #expect(!server.homeserver.hasDueEvents)
            server.clock.advance(milliseconds: 999)
            await server.homeserver.sendDueEvents()
            #expect(try await bodies(roomID, on: server) == [])
            server.clock.advance(milliseconds: 1)
            #expect(server.homeserver.hasDueEvents)
            await server.homeserver.sendDueEvents()
            await server.homeserver.sendDueEvents()
            #expect(try await bodies(roomID, on: server) == ["later"])
            #expect(!server.homeserver.hasDueEvents)
            let sent = try #require(try await outcome(delayID, alice, on: server))
            #expect(sent.outcome == .sent)
            #expect(sent.eventID != nil)
            // The transaction is that of the sender's device.
            let event = try await server.rooms.event(try #require(sent.eventID), in: roomID, userID: alice.userID)
            #expect(event.transaction?.id == "later")
        }
    }

    @Test func whatIsOverdueAfterARestartIsSentInOrder() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            for (body, delay, user) in [
                ("third", 3_000, 0), ("first", 1_000, 1), ("second", 2_000, 0), ("last", 90_000, 0),
            ] {
                _ = try await schedule(body, after: Int64(delay), as: users[user], in: roomID, on: server)
            }
            server.clock.advance(milliseconds: 10_000)
            try await server.afterRestart { next throws in
                #expect(next.homeserver.hasDueEvents)
                await next.homeserver.sendDueEvents()
                #expect(try await bodies(roomID, on: next) == ["first", "second", "third"])
                next.clock.advance(milliseconds: 80_000)
                await next.homeserver.sendDueEvents()
                #expect(try await bodies(roomID, on: next) == ["first", "second", "third", "last"])
                try await RoomHistory(roomID, of: next).verify()
            }
        }
    }

    @Test func whatTheSenderMayDoIsDecidedWhenItIsSent() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let first = try await schedule("too late", after: 1_000, as: users[1], in: roomID, on: server)
            let second = try await schedule("in time", after: 1_000, as: users[0], in: roomID, on: server)
            try await server.rooms.kick(users[1].userID, from: roomID, by: users[0].userID, reason: nil)
            server.clock.advance(milliseconds: 1_000)
            await server.homeserver.sendDueEvents()
            #expect(try await bodies(roomID, on: server) == ["in time"])
            let refused = try #require(try await outcome(first, users[1], on: server))
            #expect(refused.outcome == .cancelled)
            #expect(try JSONObject(parsing: try #require(refused.error))["errcode"] == "M_FORBIDDEN")
            #expect(try await outcome(second, users[0], on: server)?.outcome == .sent)
        }
    }

    @Test func itCanBeRestartedSentAndCancelled() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let alice = users[0]
            let roomID = try await server.room(of: users)
            let delayed = server.homeserver.delayedEvents
            let restarted = try await schedule("restarted", after: 1_000, as: alice, in: roomID, on: server)
            let cancelled = try await schedule("cancelled", after: 1_000, as: alice, in: roomID, on: server)
            let now = try await schedule("now", after: 500_000, as: alice, in: roomID, on: server)
            server.clock.advance(milliseconds: 900)
            // Without a token, by whoever knows the ID; but not by somebody else with a token of his own.
            try await delayed.perform(.restart, on: restarted, userID: nil)
            #expect(
                await refusal { try await delayed.perform(.cancel, on: restarted, userID: users[1].userID) }
                    == .notFound)
            try await delayed.perform(.cancel, on: cancelled, userID: alice.userID)
            try await delayed.perform(.send, on: now, userID: alice.userID)
            #expect(try await bodies(roomID, on: server) == ["now"])
            server.clock.advance(milliseconds: 900)
            await server.homeserver.sendDueEvents()
            #expect(try await bodies(roomID, on: server) == ["now"])
            server.clock.advance(milliseconds: 100)
            await server.homeserver.sendDueEvents()
            #expect(try await bodies(roomID, on: server) == ["now", "restarted"])

            // The same again changes nothing; the opposite is refused.
            try await delayed.perform(.send, on: now, userID: alice.userID)
            try await delayed.perform(.cancel, on: cancelled, userID: alice.userID)
            func status(_ action: DelayedEventService.Action, _ id: String) async -> Int? {
                do {
                    try await delayed.perform(action, on: id, userID: alice.userID)
                    return nil
                } catch { return (error as? MatrixError)?.status }
            }
            #expect(await status(.cancel, now) == 409)
            #expect(await status(.send, cancelled) == 409)
            #expect(await status(.restart, now) == 404)
            #expect(await status(.restart, "nothing") == 404)
            #expect(try await bodies(roomID, on: server) == ["now", "restarted"])
        }
    }

    /// As MSC4140 was accepted: what somebody else has set meanwhile cancels nothing, and is set over. Whoever minds
    /// cancels his event. Earlier drafts had it otherwise, and called it `M_CANCELLED_BY_STATE_UPDATE`.
    @Test func stateOfSomebodyElseCancelsNothing() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await giveEverybodyPower(in: roomID, of: users, on: server)
            let delayed = DelayedEventService.Request(
                type: "m.room.topic", stateKey: "", content: ["topic": "delayed"], roomID: roomID,
                delayMilliseconds: 5_000, transactionID: nil)
            let id = try await server.homeserver.delayedEvents.schedule(delayed, sender: users[0].sender)
            _ = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "between"], in: roomID, sender: users[1].userID)
            #expect(try await outcome(id, users[0], on: server)?.outcome == nil, "it waits on")
            server.clock.advance(milliseconds: 5_000)
            await server.homeserver.sendDueEvents()
            let topic = try await server.rooms.room(roomID).read { $0.state["m.room.topic"]?.content["topic"] }
            #expect(topic == "delayed")
        }
    }

    private func giveEverybodyPower(in roomID: RoomID, of users: [TestUser], on server: TestServer) async throws {
        let room = try await server.rooms.room(roomID)
        var levels = room.read { $0.state["m.room.power_levels"]?.content ?? [:] }
        levels["state_default"] = 0
        levels["events"] = [:]
        _ = try await server.rooms.setState(
            "m.room.power_levels", stateKey: "", content: levels, in: roomID, sender: users[0].userID)
    }

    @Test func stateCanBeDelayed() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            _ = try await server.homeserver.delayedEvents.schedule(
                .init(
                    type: "org.matrix.msc3401.call.member", stateKey: "_@alice:test_D", content: [:], roomID: roomID,
                    delayMilliseconds: 8_000, transactionID: nil), sender: alice.sender)
            server.clock.advance(milliseconds: 8_000)
            await server.homeserver.sendDueEvents()
            let state = try await server.rooms.room(roomID).read {
                $0.state["org.matrix.msc3401.call.member", "_@alice:test_D"]?.content
            }
            #expect(state == [:])
        }
    }

    @Test func oneUserHasOnlySoManyAndNotForEver() async throws {
        try await TestServer.run(configure: { $0.rooms.maximumDelayedEvents = 2 }) { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            func code(_ delay: Int64, _ body: String) async -> JSONValue? {
                do {
                    _ = try await schedule(body, after: delay, as: users[0], in: roomID, on: server)
                    return nil
                } catch { return (error as? MatrixError)?.details["org.matrix.msc4140.errcode"] ?? "other" }
            }
            #expect(await code(32 * 24 * 3_600_000, "0") == "M_MAX_DELAY_EXCEEDED")
            #expect(await code(0, "0") == "other")
            #expect(await code(1_000, "1") == nil)
            #expect(await code(1_000, "2") == nil)
            #expect(await code(1_000, "3") == "M_MAX_DELAYED_EVENTS_EXCEEDED")
            _ = try await schedule("of bob", after: 1_000, as: users[1], in: roomID, on: server)
            server.clock.advance(milliseconds: 1_000)
            await server.homeserver.sendDueEvents()
            #expect(await code(1_000, "3") == nil)
            // What became of them is forgotten after a while.
            server.clock.advance(milliseconds: 8 * 24 * 3_600_000)
            await server.homeserver.housekeep()
            #expect(try await server.homeserver.delayedEvents.events(of: users[1].userID).isEmpty)
        }
    }
}
