import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

@Suite struct RedactionTests {
    private func redact(_ eventID: EventID, as user: TestUser, in roomID: RoomID, on server: TestServer) async throws {
        _ = try await server.rooms.redact(
            eventID, in: roomID, reason: "because", transactionID: "redact\(eventID)", sender: user.sender)
    }

    /// Whether a text is anywhere in what is stored or shown of the room.
    private func traces(of text: String, in roomID: RoomID, for user: TestUser, on server: TestServer) async throws
        -> [String]
    {
        var places: [String] = []
        let history = try await RoomHistory(roomID, of: server)
        if history.entries.contains(where: { String(decoding: $0.record.pdu, as: UTF8.self).contains(text) }) {
            places.append("store")
        }
        let format = ClientEventFormat(includesRoomID: true, device: user.device, now: 0)
        let (timeline, state) = try await server.rooms.room(roomID).read { ($0.timeline, $0.state.all) }
        for (name, events) in [("timeline", timeline), ("state", state)]
        where events.contains(where: { String(decoding: format.bytes($0), as: UTF8.self).contains(text) }) {
            places.append(name)
        }
        return places
    }

    /// Rule 32.
    @Test func theContentIsGoneEverywhere() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let event = try await server.say("secret", as: users[1], in: roomID)
            try await redact(event, as: users[1], in: roomID, on: server)
            #expect(try await traces(of: "secret", in: roomID, for: users[0], on: server) == [])
            let shown = try await server.rooms.event(event, in: roomID, userID: users[0].userID)
            #expect(shown.content == [:])
            #expect(shown.redactedBecause?.content["reason"] == "because")
            try await RoomHistory(roomID, of: server).verify()
        }
    }

    /// Rule 32: a state event that took the place of a redacted one shows it as `prev_content`.
    @Test func theContentIsGoneFromTheStateThatFollowed() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            func setTopic(_ topic: JSONValue) async throws -> EventID {
                try await server.rooms.setState(
                    "m.room.topic", stateKey: "", content: ["topic": topic], in: roomID, sender: alice.userID)
            }
            let first = try await setTopic("secret")
            _ = try await setTopic("harmless")
            try await redact(first, as: alice, in: roomID, on: server)
            #expect(try await traces(of: "secret", in: roomID, for: alice, on: server) == [])
            #expect(try await !traces(of: "harmless", in: roomID, for: alice, on: server).isEmpty)
        }
    }

    /// A redaction may itself be redacted, and with it the reason that the redacted event shows.
    @Test func theReasonIsGoneWhenTheRedactionIsRedacted() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let event = try await server.say("hello", as: alice, in: roomID)
            let redaction = try await server.rooms.redact(
                event, in: roomID, reason: "slander", transactionID: "1", sender: alice.sender)
            try await redact(redaction, as: alice, in: roomID, on: server)
            #expect(try await traces(of: "slander", in: roomID, for: alice, on: server) == [])
            #expect(try await server.rooms.event(event, in: roomID, userID: alice.userID).redactedBecause != nil)
        }
    }

    /// Rule 29.
    @Test func onlyTheSenderAndThePowerfulRedact() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users)
            let event = try await server.say("mine", as: users[1], in: roomID)
            let count = try await RoomHistory(roomID, of: server).entries.count
            #expect(await refusal { try await redact(event, as: users[2], in: roomID, on: server) } == .forbidden)
            let nowhere = EventID("$" + String(repeating: "A", count: 43))!
            #expect(await refusal { try await redact(nowhere, as: users[0], in: roomID, on: server) } == .notFound)
            let elsewhere = try await server.room(of: [users[0]])
            #expect(await refusal { try await redact(event, as: users[0], in: elsewhere, on: server) } == .notFound)
            #expect(try await RoomHistory(roomID, of: server).entries.count == count)
            #expect(try await !traces(of: "mine", in: roomID, for: users[0], on: server).isEmpty)
            try await redact(event, as: users[0], in: roomID, on: server)
            #expect(try await traces(of: "mine", in: roomID, for: users[0], on: server) == [])
            // The way of `/send` is the same.
            let other = try await server.say("yours", as: users[1], in: roomID)
            #expect(
                await refusal {
                    _ = try await server.rooms.send(
                        "m.room.redaction", content: ["redacts": .string(other.string)], to: roomID,
                        transactionID: "r", sender: users[2].sender)
                } == .forbidden)
            try await RoomHistory(roomID, of: server).verify()
        }
    }

    /// Rule 31.
    @Test func redactedStateStaysStateAndCanBeSetAgain() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let join = try await server.rooms.room(roomID).read { $0.state["m.room.member", users[1].userID.string] }
            try await redact(try #require(join?.eventID), as: users[1], in: roomID, on: server)
            try await server.say("still here", as: users[1], in: roomID)
            try await server.expectViewAgrees(roomID)

            @Sendable func setName() async throws -> EventID {
                try await server.rooms.setState(
                    "m.room.name", stateKey: "", content: ["name": "tea"], in: roomID, sender: users[0].userID)
            }
            let name = try await setName()
            #expect(try await setName() == name)
            // Also when the redaction is not durable yet.
            let results = try await server.inOneBatch([
                { @Sendable in
                    try await server.rooms.redact(
                        name, in: roomID, reason: nil, transactionID: "x", sender: users[0].sender)
                },
                { @Sendable in try await setName() },
            ])
            #expect(try results[1].get() != name)
            let shown = try await server.rooms.room(roomID).read { $0.state["m.room.name"]?.content }
            #expect(shown == ["name": "tea"])
            try await RoomHistory(roomID, of: server).verify()
            try await server.expectViewAgrees(roomID)
        }
    }
}
