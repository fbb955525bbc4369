import CanonicalJSON
import MatrixAPI
import MatrixIdentifiers
import ServerUnderTest
import Testing

@Suite struct RelationsRoutesTests {
    private func withRoom(
        visibility: String = "shared",
        _ body: (TestServer, [TestUser], RoomID, EventID) async throws -> Void
    ) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users, visibility: visibility)
            try await body(server, users, roomID, try await server.say("root", as: users[0], in: roomID))
        }
    }

    private func relations(
        _ path: String, of eventID: EventID, as user: TestUser, in roomID: RoomID, on server: TestServer
    ) async -> Answer {
        await server.call("GET", "\(v1)/rooms/\(roomID)/relations/\(eventID)\(path)", as: user)
    }

    private func ids(_ answer: Answer) -> [String] {
        (answer.json["chunk"]?.arrayValue ?? []).compactMap { $0["event_id"]?.stringValue }
    }

    /// Rule 108.
    @Test func relationsAreFilteredByTypeAndEventType() async throws {
        try await withRoom { server, users, roomID, root throws in
            let reply = try await server.reply("reply", inThread: root, as: users[1], in: roomID)
            let reaction = try await server.react("👍", to: root, as: users[1], in: roomID)
            let edit = try await server.edit(root, to: "edit", as: users[0], in: roomID)
            let indirect = try await server.react("👍", to: reply, as: users[0], in: roomID)
            let gone = try await server.react("🎉", to: root, as: users[0], in: roomID)
            try await server.redact(gone, as: users[0], in: roomID)
            func found(_ path: String) async -> [String] {
                ids(await relations(path, of: root, as: users[1], in: roomID, on: server))
            }
            #expect(await found("") == [edit, reaction, reply].map(\.string))
            #expect(await found("?dir=f") == [reply, reaction, edit].map(\.string))
            #expect(await found("/m.thread") == [reply.string])
            #expect(await found("/m.annotation/m.reaction") == [reaction.string])
            #expect(await found("/m.annotation/m.room.message") == [])
            #expect(await found("?recurse=true") == [indirect, edit, reaction, reply].map(\.string))
            #expect(await found("/m.annotation?recurse=true") == [reaction.string])
        }
    }

    /// Rule 108.
    @Test func theDepthIsToldWhenItIsAskedFor() async throws {
        try await withRoom { server, users, roomID, root throws in
            for (query, depth) in [("?recurse=true", 3), ("?recurse=false", 1)] as [(String, Int64)] {
                let answer = await relations(query, of: root, as: users[0], in: roomID, on: server)
                #expect(answer.json["recursion_depth"]?.integerValue == depth)
            }
            let answer = await relations("", of: root, as: users[0], in: roomID, on: server)
            #expect(answer.json == ["chunk": []])
        }
    }

    /// Rule 108: pages join, and their tokens are those of `/sync` and `/messages`.
    @Test(arguments: ["b", "f"]) func pagesOfRelationsJoin(direction: String) async throws {
        try await withRoom { server, users, roomID, root throws in
            var replies: [String] = []
            for number in 0..<7 {
                replies.append(try await server.reply("\(number)", inThread: root, as: users[1], in: roomID).string)
                try await server.say("between \(number)", as: users[0], in: roomID)
            }
            let expected = direction == "b" ? replies.reversed() : replies
            for limit in 1...8 {
                var found: [String] = []
                var from: String?
                for _ in 0..<20 {
                    let query = "/m.thread?dir=\(direction)&limit=\(limit)" + (from.map { "&from=\($0)" } ?? "")
                    let answer = await relations(query, of: root, as: users[1], in: roomID, on: server)
                    #expect(answer.json["prev_batch"]?.stringValue == from)
                    found += ids(answer)
                    from = answer.json["next_batch"]?.stringValue
                    if from == nil { break }
                }
                #expect(found == expected, "limit \(limit)")
            }
            let now = try await server.sync(users[1]).nextBatch
            try await server.reply("later", inThread: root, as: users[1], in: roomID)
            let since = await relations("/m.thread?dir=f&from=\(now)", of: root, as: users[1], in: roomID, on: server)
            #expect(ids(since).count == 1)
            let until = await relations("/m.thread?dir=b&from=\(now)", of: root, as: users[1], in: roomID, on: server)
            #expect(ids(until) == replies.reversed())
            let page = await server.call("GET", "\(v3)/rooms/\(roomID)/messages?dir=b&limit=3", as: users[1])
            let token = page.json["end"]?.stringValue ?? ""
            let older = await relations("/m.thread?from=\(token)", of: root, as: users[1], in: roomID, on: server)
            #expect(ids(older) == replies.dropLast().reversed())
            let none = await relations("?from=s5&to=\(now)", of: root, as: users[1], in: roomID, on: server)
            #expect(ids(none) == [])
        }
    }

    /// Rule 108: what the caller may not see is not there.
    @Test func relationsKeepToTheHistoryVisibility() async throws {
        try await withRoom(visibility: "joined") { server, users, roomID, root throws in
            let seen = try await server.reply("seen", inThread: root, as: users[0], in: roomID)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.reply("unseen", inThread: root, as: users[0], in: roomID)
            let later = try await server.say("later", as: users[0], in: roomID)
            let answer = await relations("", of: root, as: users[1], in: roomID, on: server)
            #expect(ids(answer) == [seen.string])
            #expect(await relations("", of: later, as: users[1], in: roomID, on: server).code == "M_NOT_FOUND")
            let carol = try await server.user("carol")
            #expect(await relations("", of: root, as: carol, in: roomID, on: server).status == 404)
        }
    }

    /// Rules 63 and 108.
    @Test func whatIgnoredUsersSayIsLeftOut() async throws {
        try await withRoom { server, users, roomID, root throws in
            try await server.reply("noise", inThread: root, as: users[1], in: roomID)
            let own = try await server.reply("mine", inThread: root, as: users[0], in: roomID)
            try await server.ignore(users[1], as: users[0])
            #expect(
                ids(await relations("", of: root, as: users[0], in: roomID, on: server)) == [own.string])
        }
    }

    @Test(arguments: ["?dir=x", "?limit=0", "?limit=-1", "?limit=x", "?from=x", "?to=x", "?recurse=1"])
    func badParametersAreRefused(query: String) async throws {
        try await withRoom { server, users, roomID, root throws in
            let answer = await relations(query, of: root, as: users[0], in: roomID, on: server)
            #expect(answer.code == "M_INVALID_PARAM")
        }
    }

    // MARK: Threads

    private func threads(
        _ query: String, as user: TestUser, in roomID: RoomID, on server: TestServer
    ) async -> Answer {
        await server.call("GET", "\(v1)/rooms/\(roomID)/threads\(query)", as: user)
    }

    /// Rule 109.
    @Test func threadsAreOrderedByTheirLatestReply() async throws {
        try await withRoom { server, users, roomID, first throws in
            let second = try await server.say("second", as: users[0], in: roomID)
            let third = try await server.say("third", as: users[0], in: roomID)
            try await server.say("no thread", as: users[0], in: roomID)
            for root in [first, second, third, first] {
                try await server.reply("in \(root)", inThread: root, as: users[0], in: roomID)
            }
            func found(_ query: String) async -> [String] {
                ids(await threads(query, as: users[1], in: roomID, on: server))
            }
            #expect(await found("") == [first, third, second].map(\.string))
            #expect(await found("?include=participated") == [])
            try await server.reply("mine", inThread: second, as: users[1], in: roomID)
            #expect(await found("?include=all") == [second, first, third].map(\.string))
            #expect(await found("?include=participated") == [second.string])
            let whole = await threads("", as: users[1], in: roomID, on: server)
            let shown = whole.json["chunk"]?[0]?["unsigned"]?["m.relations"]?["m.thread"]
            #expect(shown?["count"] == 2)
            #expect(shown?["current_user_participated"] == true)
            #expect(shown?["latest_event"]?["content"]?["body"] == "mine")
            // Page by page.
            var paged: [String] = []
            var query = "?limit=1"
            for _ in 0..<5 {
                let answer = await threads(query, as: users[1], in: roomID, on: server)
                paged += ids(answer)
                guard let next = answer.json["next_batch"]?.stringValue else { break }
                query = "?limit=1&from=\(next)"
            }
            #expect(paged == [second, first, third].map(\.string))
        }
    }

    /// Rules 106 and 109.
    @Test func theRootOfAnIgnoredUserIsShownRedacted() async throws {
        try await withRoom { server, users, roomID, root throws in
            let other = try await server.say("other", as: users[1], in: roomID)
            try await server.reply("reply", inThread: root, as: users[1], in: roomID)
            try await server.reply("noise", inThread: other, as: users[0], in: roomID)
            try await server.ignore(users[0], as: users[1])
            let answer = await threads("", as: users[1], in: roomID, on: server)
            // The other thread has nothing but noise.
            #expect(ids(answer) == [root.string])
            #expect(answer.json["chunk"]?[0]?["content"] == [:])
            #expect(!answer.text.contains("noise"))
        }
    }

    /// Rule 109.
    @Test func threadsAreForThoseWhoMayRead() async throws {
        try await withRoom { server, users, roomID, root throws in
            try await server.reply("seen", inThread: root, as: users[0], in: roomID)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.reply("unseen", inThread: root, as: users[0], in: roomID)
            let answer = await threads("", as: users[1], in: roomID, on: server)
            #expect(ids(answer) == [root.string])
            #expect(!answer.text.contains("unseen"))
            let carol = try await server.user("carol")
            #expect(await threads("", as: carol, in: roomID, on: server).code == "M_FORBIDDEN")
            // A token from beyond everything does no harm.
            let far = await threads("?from=s\(Int64.max)", as: users[0], in: roomID, on: server)
            #expect(ids(far) == [root.string])
            for direction in ["b", "f"] {
                let answer = await relations(
                    "?dir=\(direction)&from=s\(Int64.max)&to=s\(Int64.max)", of: root, as: users[0], in: roomID,
                    on: server)
                #expect(ids(answer) == [])
            }
            for query in ["?include=some", "?from=x", "?limit=0"] {
                #expect(await threads(query, as: users[0], in: roomID, on: server).code == "M_INVALID_PARAM")
            }
        }
    }

    // MARK: Where aggregations are shown

    /// Rules 105 and 106: every endpoint that the specification names shows the same.
    @Test func everyReadingEndpointShowsAggregations() async throws {
        try await withRoom { server, users, roomID, root throws in
            try await server.reply("reply", inThread: root, as: users[1], in: roomID)
            let edit = try await server.edit(root, to: "edited", as: users[0], in: roomID)
            try await server.relate("m.reference", to: root, as: users[1], in: roomID)
            let own = try await server.relate("m.reference", to: root, as: users[0], in: roomID)
            try await server.edit(own, to: "edited reference", as: users[0], in: roomID)
            let room = "\(v3)/rooms/\(roomID)"
            func events(_ path: String, _ keys: String...) async -> [JSONValue] {
                let answer = await server.call("GET", path, as: users[1])
                #expect(answer.status == 200, "\(path)")
                var value: JSONValue? = .object(answer.json)
                for key in keys { value = value?[key] }
                return value?.arrayValue ?? [value ?? .null]
            }
            let filter = "%7B%22room%22:%7B%22timeline%22:%7B%22limit%22:6%7D%7D%7D"
            let sync = await events(
                "\(v3)/sync?filter=\(filter)", "rooms", "join", roomID.string, "timeline", "events")
            let all = [
                sync, await events("\(room)/messages?dir=b"), await events("\(room)/event/\(root)"),
                await events("\(room)/context/\(root)", "event"),
                await events("\(v1)/rooms/\(roomID)/threads", "chunk"),
                await events("\(room)/messages?dir=b", "chunk"),
            ].map { $0.first { $0["event_id"]?.stringValue == root.string }?["unsigned"]?["m.relations"] }
            for (index, relations) in all.enumerated() where index != 1 {
                #expect(relations?["m.replace"]?["event_id"]?.stringValue == edit.string, "\(index)")
                #expect(relations?["m.thread"]?["count"] == 1, "\(index)")
                #expect(relations?["m.reference"]?["chunk"]?.arrayValue?.count == 2, "\(index)")
            }
            let related = await events("\(v1)/rooms/\(roomID)/relations/\(root)/m.reference", "chunk")
            #expect(
                related.first?["unsigned"]?["m.relations"]?["m.replace"]?["content"]?["m.new_content"]?["body"]
                    == "edited reference")
        }
    }

    /// A client that has the events is told of new ones, and aggregates itself; nothing is read for it.
    @Test func aTimelineThatLeavesNothingOutIsShownPlain() async throws {
        try await withRoom { server, users, roomID, _ throws in
            let since = try await server.sync(users[1]).nextBatch
            let root = try await server.say("new root", as: users[0], in: roomID)
            try await server.reply("reply", inThread: root, as: users[0], in: roomID)
            let room = try #require(try await server.sync(users[1], since: since).room(roomID))
            #expect(!room.isLimited)
            #expect(room.timeline.first?["unsigned"]?["m.relations"] == nil)
        }
    }
}

let v1 = "/_matrix/client/v1"
