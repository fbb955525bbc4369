import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import RandomJSON
import Rooms
import ServerUnderTest
import Testing

@Suite struct ThreadCountsTests {
    static let byThread: JSONObject = ["room": ["timeline": ["unread_thread_notifications": true]]]

    /// What a client that wants the threads apart sees: main first, then the threads by their roots.
    static func counts(_ user: TestUser, in roomID: RoomID, on server: TestServer) async throws -> [String: Int64] {
        let room = try #require(
            try await server.sync(user, filter: byThread, wantsFullState: true).room(roomID))
        var counts = ["main": room.notificationCount ?? -1]
        for member in room.json["unread_thread_notifications"]?.objectValue?.members ?? [] {
            counts[member.key] = member.value["notification_count"]?.integerValue
        }
        return counts
    }

    private func withThread(
        _ body: (TestServer, [TestUser], RoomID, EventID) async throws -> Void
    ) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await body(server, users, roomID, try await server.say("root", as: users[0], in: roomID))
        }
    }

    private func mark(
        _ eventID: EventID, thread: String?, as user: TestUser, in roomID: RoomID, on server: TestServer
    ) async throws {
        try await server.rooms.mark(
            [.init(type: .read, eventID: eventID, threadID: thread)], in: roomID, userID: user.userID)
    }

    /// Rule 68.
    @Test func threadsAreCountedApartWhenTheClientWantsSo() async throws {
        try await withThread { server, users, roomID, root throws in
            let (alice, bob) = (users[0], users[1])
            for number in 0..<3 {
                try await server.reply("\(number)", inThread: root, as: alice, in: roomID)
            }
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 1, root.string: 3])
            let whole = try #require(try await server.sync(bob).room(roomID))
            #expect(whole.notificationCount == 4)
            #expect(whole.json["unread_thread_notifications"] == nil)
        }
    }

    /// Rule 98.
    @Test func receiptsClearTheirThreadOrEverything() async throws {
        try await withThread { server, users, roomID, root throws in
            let (alice, bob) = (users[0], users[1])
            let first = try await server.reply("1", inThread: root, as: alice, in: roomID)
            let second = try await server.reply("2", inThread: root, as: alice, in: roomID)
            let late = try await server.say("late", as: alice, in: roomID)
            let third = try await server.reply("3", inThread: root, as: alice, in: roomID)
            func counts() async throws -> [String: Int64] {
                let hot = try await Self.counts(bob, in: roomID, on: server)
                let cold = try await server.afterRestart { try await Self.counts(bob, in: roomID, on: $0) }
                #expect(hot == cold)
                return hot
            }
            #expect(try await counts() == ["main": 2, root.string: 3])
            // The root is in the main timeline.
            try await mark(root, thread: "main", as: bob, in: roomID, on: server)
            #expect(try await counts() == ["main": 1, root.string: 3])
            try await mark(first, thread: root.string, as: bob, in: roomID, on: server)
            #expect(try await counts() == ["main": 1, root.string: 2])
            try await mark(second, thread: nil, as: bob, in: roomID, on: server)
            #expect(try await counts() == ["main": 1, root.string: 1])
            // Threaded on the root, a receipt clears nothing that follows.
            try await mark(root, thread: root.string, as: bob, in: roomID, on: server)
            #expect(try await counts() == ["main": 1, root.string: 1])
            try await mark(late, thread: "main", as: bob, in: roomID, on: server)
            #expect(try await counts() == ["main": 0, root.string: 1])
            try await mark(third, thread: nil, as: bob, in: roomID, on: server)
            #expect(try await counts() == ["main": 0])
        }
    }

    /// Rule 98: an event belongs to a thread over three relations at most.
    @Test func whatRelatesToAReplyIsInItsThread() async throws {
        try await withThread { server, users, roomID, root throws in
            let (alice, bob) = (users[0], users[1])
            var event = try await server.reply("reply", inThread: root, as: alice, in: roomID)
            var roots: [EventID?] = []
            for _ in 0..<4 {
                event = try await server.relate("m.reference", to: event, as: alice, in: roomID)
                roots.append(try await server.rooms.event(event, in: roomID, userID: bob.userID).threadRoot)
            }
            #expect(roots == [root, root, root, nil])
            // What relates to the root in another way than by the thread is in the main timeline.
            let reference = try await server.relate("m.reference", to: root, as: alice, in: roomID)
            #expect(try await server.rooms.event(reference, in: roomID, userID: bob.userID).threadRoot == nil)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 3, root.string: 4])
        }
    }

    /// Rule 104: whoever writes has read what stands above, in the thread where he writes.
    @Test func writingReadsTheThread() async throws {
        try await withThread { server, users, roomID, root throws in
            let (alice, bob) = (users[0], users[1])
            try await server.reply("1", inThread: root, as: alice, in: roomID)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 1, root.string: 1])
            try await server.reply("mine", inThread: root, as: bob, in: roomID)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 1])
            try await server.reply("2", inThread: root, as: alice, in: roomID)
            try await server.say("mine", as: bob, in: roomID)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 0, root.string: 1])
        }
    }

    /// Rules 32 and 98.
    @Test func aRedactedReplyCountsNoMore() async throws {
        try await withThread { server, users, roomID, root throws in
            let (alice, bob) = (users[0], users[1])
            let reply = try await server.reply("1", inThread: root, as: alice, in: roomID)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 1, root.string: 1])
            try await server.redact(reply, as: alice, in: roomID)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 1])
            // It may still be where a receipt stands, in its thread or, to who sees no relation, in the main timeline.
            try await mark(reply, thread: root.string, as: bob, in: roomID, on: server)
            try await mark(reply, thread: "main", as: bob, in: roomID, on: server)
        }
    }

    /// Rule 98: other rules and other ignored users make other counts.
    @Test func changedRulesCountAgain() async throws {
        try await withThread { server, users, roomID, root throws in
            let (alice, bob) = (users[0], users[1])
            try await server.reply("1", inThread: root, as: alice, in: roomID)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 1, root.string: 1])
            let muted: JSONObject = [
                "global": [
                    "override": [["rule_id": ".m.rule.master", "default": true, "enabled": true, "actions": []]]
                ]
            ]
            func setRules(_ content: JSONObject) async throws {
                try await server.accounts.updateAccountData("m.push_rules", of: bob.userID, room: nil) { _ in
                    content.bytes()
                }
            }
            try await setRules(muted)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 0])
            try await setRules(["global": [:]])
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 1, root.string: 1])
            try await server.ignore(alice, as: bob)
            #expect(try await Self.counts(bob, in: roomID, on: server) == ["main": 0])
        }
    }

    /// Rules 99 and 100.
    @Test func receiptsNameEventsOfTheirThread() async throws {
        try await withThread { server, users, roomID, root throws in
            let (alice, bob) = (users[0], users[1])
            let reply = try await server.reply("1", inThread: root, as: alice, in: roomID)
            let reaction = try await server.react("👍", to: reply, as: alice, in: roomID)
            let other = try await server.say("other", as: alice, in: roomID)
            func refused(_ eventID: EventID, _ thread: String) async -> Bool {
                do {
                    try await mark(eventID, thread: thread, as: bob, in: roomID, on: server)
                    return false
                } catch {
                    return (error as? MatrixError)?.code == .invalidParameter
                }
            }
            #expect(await refused(reply, "main"))
            #expect(await refused(reaction, "main"))
            #expect(await refused(other, root.string))
            #expect(await refused(reply, other.string))
            #expect(await !refused(reply, root.string))
            #expect(await !refused(reaction, root.string))
            #expect(await !refused(other, "main"))
            // They only move forward.
            try await mark(reply, thread: root.string, as: bob, in: roomID, on: server)
            let receipt = try await server.rooms.room(roomID).read { view in
                view.receipts.receipt(of: bob.userID, type: "m.read", threadID: root.string)?.eventID
            }
            #expect(receipt == reaction)
        }
    }

    /// Rule 98: what is kept up with event by event is what is counted from what is stored; decision 3.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func countsFollowFromWhatIsStored(seed: UInt64) async throws {
        try await TestServer.run(seed: seed) { server throws in
            var generator = SeededGenerator(seed: seed)
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var roots: [EventID] = []
            var events: [(eventID: EventID, sender: TestUser, thread: EventID?)] = []
            for step in 0..<60 {
                let user = users[Int.random(in: 0...3, using: &generator) == 0 ? 1 : 0]
                switch Int.random(in: 0...9, using: &generator) {
                case 0...2:
                    let event = try await server.say("\(step)", as: user, in: roomID)
                    roots.append(event)
                    events.append((event, user, nil))
                case 3...5:
                    guard let root = roots.randomElement(using: &generator) else { continue }
                    let event = try await server.reply("\(step)", inThread: root, as: user, in: roomID)
                    events.append((event, user, root))
                case 6:
                    guard let index = events.indices.randomElement(using: &generator) else { continue }
                    try await server.redact(events[index].eventID, as: events[index].sender, in: roomID)
                    events.remove(at: index)
                    roots.removeAll { root in !events.contains { $0.eventID == root } }
                default:
                    guard let event = events.randomElement(using: &generator) else { continue }
                    let thread = Bool.random(using: &generator) ? event.thread?.string ?? "main" : nil
                    try await mark(event.eventID, thread: thread, as: users[1], in: roomID, on: server)
                }
                guard step % 3 == 0 else { continue }
                let hot = try await Self.counts(users[1], in: roomID, on: server)
                let cold = try await server.afterRestart { try await Self.counts(users[1], in: roomID, on: $0) }
                #expect(hot == cold, "seed \(seed), step \(step)")
            }
        }
    }
}
