import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

@Suite struct RelationsTests {
    private func aggregation(
        of eventID: EventID, for user: TestUser, ignoring ignored: [TestUser] = [], in roomID: RoomID,
        on server: TestServer
    ) async throws -> Aggregation? {
        let event = try await server.rooms.event(eventID, in: roomID, userID: user.userID)
        let viewer = Viewer(userID: user.userID, ignoredUsers: Set(ignored.map(\.userID)))
        return try await server.rooms.aggregations(of: [event], for: viewer)[event]
    }

    private func withRoom(
        visibility: String = "shared", _ body: (TestServer, [TestUser], RoomID, EventID) async throws -> Void
    ) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users, visibility: visibility)
            try await body(server, users, roomID, try await server.say("root", as: users[0], in: roomID))
        }
    }

    // MARK: Sending

    /// Rule 107.
    @Test func aSecondEqualReactionIsRefused() async throws {
        try await withRoom { server, users, roomID, root throws in
            let first = try await server.react("👍", to: root, as: users[1], in: roomID)
            let position = server.rooms.position
            #expect(
                await refusal { try await server.react("👍", to: root, as: users[1], in: roomID) }
                    == .duplicateAnnotation)
            #expect(server.rooms.position == position)
            // Another emoji, another user, another event or another type is another annotation.
            try await server.react("🎉", to: root, as: users[1], in: roomID)
            try await server.react("👍", to: root, as: users[2], in: roomID)
            try await server.react("👍", to: first, as: users[1], in: roomID)
            try await server.relate(
                "m.annotation", to: root, as: users[1], in: roomID, key: "👍", type: "org.example.verdict")
            // After it was taken back, it may be sent again.
            try await server.redact(first, as: users[1], in: roomID)
            try await server.react("👍", to: root, as: users[1], in: roomID)
        }
    }

    /// Rule 107: two at once, in one transaction of the database.
    @Test func ofTwoEqualReactionsAtOnceOneIsSent() async throws {
        try await withRoom { server, users, roomID, root throws in
            let bob = users[1]
            let react = { @Sendable () async throws -> EventID in
                try await server.react("👍", to: root, as: bob, in: roomID)
            }
            let results = try await server.inOneBatch([react, react])
            let sent = results.filter { if case .success = $0 { true } else { false } }
            #expect(sent.count == 1)
        }
    }

    /// Rule 106.
    @Test func aThreadCannotBeginInAThread() async throws {
        try await withRoom { server, users, roomID, root throws in
            let reply = try await server.reply("reply", inThread: root, as: users[1], in: roomID)
            let reaction = try await server.react("👍", to: root, as: users[1], in: roomID)
            let position = server.rooms.position
            for parent in [reply, reaction] {
                #expect(
                    await refusal { try await server.reply("nested", inThread: parent, as: users[0], in: roomID) }
                        == .unknown)
            }
            #expect(server.rooms.position == position)
        }
    }

    /// A relation to what is not in the room is ignored; the event itself is sent.
    @Test func relationsStayInTheirRoom() async throws {
        try await withRoom { server, users, roomID, root throws in
            let other = try await server.room(of: users)
            let nowhere = EventID("$" + String(repeating: "A", count: 43))!
            for parent in [root, nowhere] {
                let child = try await server.reply("elsewhere", inThread: parent, as: users[0], in: other)
                #expect(
                    try await server.rooms.event(child, in: other, userID: users[0].userID).threadRoot == nil)
            }
            #expect(try await aggregation(of: root, for: users[0], in: roomID, on: server) == nil)
        }
    }

    // MARK: Aggregating

    /// Rule 105.
    @Test func theLatestValidEditIsShownAndTheContentStays() async throws {
        try await withRoom { server, users, roomID, root throws in
            try await server.edit(root, to: "first", as: users[0], in: roomID)
            server.clock.advance(milliseconds: 5)
            let second = try await server.edit(root, to: "second", as: users[0], in: roomID)
            server.clock.advance(milliseconds: 5)
            // Of somebody else, of another type, without new content, of an edit.
            try await server.edit(root, to: "forged", as: users[1], in: roomID)
            try await server.relate(
                "m.replace", to: root, as: users[0], in: roomID, type: "m.sticker",
                content: ["m.new_content": ["body": "x"]])
            try await server.relate("m.replace", to: root, as: users[0], in: roomID)
            try await server.edit(second, to: "edit of an edit", as: users[0], in: roomID)
            func shown(_ server: TestServer) async throws -> EventID? {
                try await aggregation(of: root, for: users[2], in: roomID, on: server)?.replacement?.eventID
            }
            #expect(try await shown(server) == second)
            #expect(
                try await server.rooms.event(root, in: roomID, userID: users[2].userID).content["body"] == "root")
            #expect(try await aggregation(of: second, for: users[2], in: roomID, on: server) == nil)
            try await server.afterRestart { next throws in #expect(try await shown(next) == second) }
            try await server.redact(second, as: users[0], in: roomID)
            let reverted = try await aggregation(of: root, for: users[2], in: roomID, on: server)
            #expect(reverted?.replacement?.content["m.new_content"] == ["msgtype": "m.text", "body": "first"])
        }
    }

    /// Rule 105: of edits of the same millisecond that with the greatest event ID.
    @Test func editsAtTheSameTimeAreOrderedByTheirIDs() async throws {
        try await withRoom { server, users, roomID, root throws in
            var edits: [EventID] = []
            for number in 0..<5 {
                edits.append(try await server.edit(root, to: "\(number)", as: users[0], in: roomID))
            }
            let shown = try await aggregation(of: root, for: users[1], in: roomID, on: server)
            #expect(shown?.replacement?.eventID == edits.max())
        }
    }

    /// Rule 105: the time decides, not the order in which they came.
    @Test func anEditThatIsDatedBackIsNotTheLatest() async throws {
        try await withRoom { server, users, roomID, root throws in
            server.clock.advance(milliseconds: 1_000)
            let later = try await server.edit(root, to: "later", as: users[0], in: roomID)
            server.clock.advance(milliseconds: -500)
            try await server.edit(root, to: "earlier", as: users[0], in: roomID)
            let shown = try await aggregation(of: root, for: users[1], in: roomID, on: server)
            #expect(shown?.replacement?.eventID == later)
        }
    }

    /// Rules 32 and 105.
    @Test func ofARedactedEventNoEditIsShown() async throws {
        try await withRoom { server, users, roomID, root throws in
            try await server.edit(root, to: "edited", as: users[0], in: roomID)
            try await server.redact(root, as: users[0], in: roomID)
            #expect(try await aggregation(of: root, for: users[0], in: roomID, on: server) == nil)
            let view = try await server.rooms.room(roomID).read { $0.timeline }
            #expect(view.first { $0.eventID == root }?.content == [:])
        }
    }

    /// Rule 106.
    @Test func aThreadIsShownWithItsLatestReply() async throws {
        try await withRoom { server, users, roomID, root throws in
            #expect(try await aggregation(of: root, for: users[0], in: roomID, on: server) == nil)
            try await server.reply("one", inThread: root, as: users[1], in: roomID)
            let two = try await server.reply("two", inThread: root, as: users[2], in: roomID)
            func thread(
                _ user: TestUser, ignoring ignored: [TestUser] = [], _ server: TestServer
            ) async throws -> [String] {
                let thread = try await aggregation(of: root, for: user, ignoring: ignored, in: roomID, on: server)?
                    .thread
                return thread.map {
                    [
                        "\($0.latestEvent.content["body"]?.stringValue ?? "")", "\($0.count)",
                        "\($0.hasViewerParticipated)",
                    ]
                } ?? []
            }
            #expect(try await thread(users[0], server) == ["two", "2", "true"])
            let dave = try await server.user("dave")
            try await server.rooms.join(roomID, userID: dave.userID, reason: nil)
            #expect(try await thread(dave, server) == ["two", "2", "false"])
            #expect(try await thread(dave, ignoring: [users[2]], server) == ["one", "1", "false"])
            #expect(try await thread(dave, ignoring: [users[1], users[2]], server) == [])
            try await server.afterRestart { next throws in
                #expect(try await thread(users[1], next) == ["two", "2", "true"])
            }
            // Rule 32: what is redacted is out of the thread.
            try await server.redact(two, as: users[2], in: roomID)
            #expect(try await thread(users[1], server) == ["one", "1", "true"])
            #expect(try await thread(users[2], server) == ["one", "1", "false"])
        }
    }

    /// Rule 106: the latest reply is shown with its own edit.
    @Test func theLatestReplyIsAggregatedToo() async throws {
        try await withRoom { server, users, roomID, root throws in
            let reply = try await server.reply("reply", inThread: root, as: users[1], in: roomID)
            let edit = try await server.edit(reply, to: "edited", as: users[1], in: roomID)
            let event = try await server.rooms.event(root, in: roomID, userID: users[0].userID)
            let aggregations = try await server.rooms.aggregations(
                of: [event], for: Viewer(userID: users[0].userID, ignoredUsers: []))
            let format = ClientEventFormat(includesRoomID: true, device: nil, now: 0).showing(aggregations)
            let json = try JSONObject(parsing: format.bytes(event))
            let thread = json["unsigned"]?["m.relations"]?["m.thread"]
            #expect(thread?["latest_event"]?["event_id"]?.stringValue == reply.string)
            #expect(thread?["latest_event"]?["room_id"]?.stringValue == roomID.string)
            let inner = thread?["latest_event"]?["unsigned"]?["m.relations"]
            #expect(inner?["m.replace"]?["event_id"]?.stringValue == edit.string)
            #expect(inner?["m.thread"] == nil)
            #expect(json["content"]?["body"] == "root")
        }
    }

    @Test func referencesAreListedAndReactionsAreNot() async throws {
        try await withRoom { server, users, roomID, root throws in
            try await server.react("👍", to: root, as: users[1], in: roomID)
            #expect(try await aggregation(of: root, for: users[0], in: roomID, on: server) == nil)
            let first = try await server.relate("m.reference", to: root, as: users[1], in: roomID)
            let second = try await server.relate("m.reference", to: root, as: users[2], in: roomID)
            #expect(
                try await aggregation(of: root, for: users[0], in: roomID, on: server)?.references == [first, second])
            #expect(
                try await aggregation(of: root, for: users[0], ignoring: [users[1]], in: roomID, on: server)?
                    .references == [second])
        }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events
    @Test func stateEventsAreShownAlone() async throws {
        try await withRoom { server, users, roomID, _ throws in
            let topic = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "tea"], in: roomID, sender: users[0].userID)
            try await server.relate("m.reference", to: topic, as: users[1], in: roomID)
            #expect(try await aggregation(of: topic, for: users[0], in: roomID, on: server) == nil)
        }
    }

    /// Rule 108: what the viewer may not see is in no aggregation.
    @Test func aggregationsKeepToTheHistoryVisibility() async throws {
        try await withRoom(visibility: "joined") { server, users, roomID, root throws in
            let bob = users[1]
            try await server.reply("seen", inThread: root, as: users[0], in: roomID)
            try await server.rooms.leave(roomID, userID: bob.userID, reason: nil)
            try await server.reply("unseen", inThread: root, as: users[0], in: roomID)
            try await server.edit(root, to: "unseen", as: users[0], in: roomID)
            func shown() async throws -> [String?] {
                let aggregation = try await aggregation(of: root, for: bob, in: roomID, on: server)
                return [
                    aggregation?.thread?.latestEvent.content["body"]?.stringValue,
                    aggregation?.thread.map { "\($0.count)" }, aggregation?.replacement?.eventID.string,
                ]
            }
            #expect(try await shown() == ["seen", "1", nil])
            try await server.rooms.join(roomID, userID: bob.userID, reason: nil)
            #expect(try await shown() == ["seen", "1", nil])
            try await server.reply("again", inThread: root, as: users[0], in: roomID)
            #expect(try await shown() == ["again", "2", nil])
        }
    }

    /// The rooms in memory and the store say the same of which events have something shown with them.
    @Test func whatIsInMemoryKnowsItsAggregations() async throws {
        try await withRoom { server, users, roomID, root throws in
            func marked(_ server: TestServer) async throws -> [Bool?] {
                let timeline = try await server.rooms.room(roomID).read { $0.timeline }
                return [timeline.first { $0.eventID == root }?.hasAggregations, timeline.last?.hasAggregations]
            }
            try await server.react("👍", to: root, as: users[1], in: roomID)
            #expect(try await marked(server) == [false, false])
            try await server.edit(root, to: "new", as: users[0], in: roomID)
            #expect(try await marked(server) == [true, false])
            try await server.afterRestart { next throws in #expect(try await marked(next) == [true, false]) }
        }
    }
}
