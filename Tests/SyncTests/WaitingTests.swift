import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import ServerUnderTest
import Sync
import Testing

/// When a waiting sync ends. The clock stands still, so a wait that should end and does not runs into the time limit.
@Suite(.timeLimit(.minutes(1))) struct WaitingTests {
    @Test func aVersionReadBeforeTheWakeUpDoesNotWait() async {
        let stream = UserStream(userID: UserID("@a:test")!, now: 0)
        // A sync reads the version when the change is noted but not yet visible; then everybody is woken.
        let version = stream.version
        stream.wakeAll()
        _ = await stream.wait(after: version) { _ in }
    }

    @Test func aWaitThatIsWokenOnItsWayDoesNotBegin() async {
        let stream = UserStream(userID: UserID("@a:test")!, now: 0)
        _ = await stream.wait(after: stream.version) { stream.wake($0) }
        _ = await stream.wait(after: stream.version) { _ in stream.wakeAll() }
    }

    @Test func aCancelledTaskDoesNotWait() async {
        let stream = UserStream(userID: UserID("@a:test")!, now: 0)
        let task = Task { _ = await stream.wait(after: stream.version) { _ in } }
        task.cancel()
        await task.value
    }

    /// Begins a sync that has to wait, and answers once it does.
    private func waiting(
        _ user: TestUser, since: String, timeoutMilliseconds: Int64 = 30_000, on server: TestServer
    ) async throws -> Task<SyncAnswer, any Error> {
        let before = server.sync.waitCount
        let task = Task { try await server.sync(user, since: since, timeoutMilliseconds: timeoutMilliseconds) }
        while server.sync.waitCount <= before { await Task.yield() }
        return task
    }

    /// Rule 65.
    @Test func membersAreWokenAndNobodyElse() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[1]])
            let since = try await users.asyncMap { try await server.sync($0).nextBatch }
            let bob = try await waiting(users[1], since: since[1], on: server)
            let carol = try await waiting(users[2], since: since[2], on: server)
            try await server.say("hello", as: users[0], in: roomID)
            #expect(try await bob.value.room(roomID)?.bodies == ["hello"])
            #expect(server.sync.waitCount == 1)
            try await server.rooms.invite(users[2].userID, to: roomID, by: users[0].userID, reason: nil)
            #expect(try await carol.value.room(roomID, "invite") != nil)
            #expect(server.sync.waitCount == 0)
        }
    }

    /// Rule 65.
    @Test func aWaitEndsAtItsDeadlineWithAToken() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let since = try await server.sync(alice).nextBatch
            let task = try await waiting(alice, since: since, timeoutMilliseconds: 5_000, on: server)
            server.clock.advance(milliseconds: 4_900)
            server.sync.expireWaits()
            #expect(server.sync.waitCount == 1)
            server.clock.advance(milliseconds: 200)
            server.sync.expireWaits()
            let answer = try await task.value
            #expect(answer.json["rooms"] == nil)
            try await server.say("later", as: alice, in: roomID)
            #expect(try await server.sync(alice, since: answer.nextBatch).room(roomID)?.bodies == ["later"])
        }
    }

    @Test func aCancelledSyncEnds() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let task = try await waiting(alice, since: try await server.sync(alice).nextBatch, on: server)
            task.cancel()
            #expect(try await task.value.json["rooms"] == nil)
            #expect(server.sync.waitCount == 0)
        }
    }

    /// Rules 64 and 65.
    @Test func theFirstSyncAndFullStateDoNotWait() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let first = try await server.sync(alice, timeoutMilliseconds: 30_000)
            _ = try await server.sync(
                alice, since: first.nextBatch, timeoutMilliseconds: 30_000, wantsFullState: true)
        }
    }

    /// Rule 65: a wait goes on when what happened is not for this client, and ends with what is.
    @Test func whatTheFilterTakesAwayDoesNotEndTheWait() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let filter: JSONObject = [
                "room": ["timeline": ["not_types": ["m.room.message"]], "ephemeral": ["types": []]]
            ]
            let since = try await server.sync(users[1], filter: filter).nextBatch
            let task = Task {
                try await server.sync(users[1], since: since, filter: filter, timeoutMilliseconds: 9_000)
            }
            while server.sync.waitCount == 0 { await Task.yield() }
            try await server.say("not wanted", as: users[0], in: roomID)
            _ = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "t"], in: roomID, sender: users[0].userID)
            let types = try await task.value.room(roomID)?.timeline.compactMap { $0["type"]?.stringValue }
            #expect(types == ["m.room.topic"])
        }
    }

    /// Rules 70 and 71.
    @Test func accountDataAndTypingWake() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var since = try await server.sync(users[1]).nextBatch
            let first = try await waiting(users[1], since: since, on: server)
            try await server.accounts.setAccountData("m.direct", of: users[1].userID, room: nil, content: ["a": 1])
            #expect(try await first.value.accountData("m.direct") == ["a": 1])
            since = try await first.value.nextBatch
            let second = try await waiting(users[1], since: since, on: server)
            let room = try await server.rooms.room(roomID)
            server.rooms.typing.start(users[0].userID, in: room, timeoutMilliseconds: 5_000)
            #expect(try await second.value.room(roomID)?.typists == [users[0].userID.string])
            since = try await second.value.nextBatch
            let third = try await waiting(users[1], since: since, on: server)
            try await server.accounts.setAccountData("m.tag", of: users[1].userID, room: room.number, content: [:])
            #expect(try await third.value.room(roomID)?.json["account_data"]?["events"]?[0]?["type"] == "m.tag")
        }
    }
}

extension Array {
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
