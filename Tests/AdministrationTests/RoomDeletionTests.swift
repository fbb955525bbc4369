import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Testing

@Suite struct RoomDeletionTests {
    /// A room with a name in the directory, messages, receipts and a tag.
    private func furnishedRoom(_ server: TestServer, _ users: [TestUser]) async throws -> RoomID {
        let room = try await server.room(of: users)
        try await server.rooms.createAlias(RoomAlias("#lasting:test")!, for: room, by: users[0].userID)
        for number in 0..<40 { try await server.say("message \(number)", as: users[number % 2], in: room) }
        let number = try await server.rooms.room(room).number
        try await server.accounts.setAccountData(
            "m.tag", of: users[0].userID, room: number, content: ["tags": ["u.x": [:]]])
        return room
    }

    private func finish(_ server: TestServer, _ deletion: RoomDeletionRecord) async throws -> RoomDeletionRecord {
        var deletion = deletion
        for _ in 0..<1_000 where deletion.stage != .done {
            deletion = try #require(try await server.rooms.continueDeletion(of: deletion.room))
        }
        return deletion
    }

    @Test func everybodyIsOutAndNothingSaidRemains() async throws {
        try await TestServer.run { server in
            let users = try await server.users("alice", "bob", "carol")
            let room = try await furnishedRoom(server, users)
            let other = try await server.room(of: users)
            try await server.say("elsewhere", as: users[0], in: other)
            let token = try await server.sync(users[1]).nextBatch

            let deletion = try await finish(server, try await server.rooms.beginDeletion(of: room))
            #expect(deletion.removedUserCount == 3)
            #expect(deletion.purgedRowCount > 40)
            #expect(deletion.finishedAt == server.clock.now)

            // A client that comes back learns that it is out.
            let answer = try await server.sync(users[1], since: token)
            let left = try #require(answer.room(room, "leave"))
            #expect(left.timeline.last?["content"]?["membership"]?.stringValue == "leave")
            #expect(answer.room(room) == nil)

            let number = deletion.room
            try await server.database.read { store in
                let events = try store.timeline(
                    of: number, after: .zero, before: StreamPosition(.max), limit: 1_000, direction: .forward)
                #expect(events.count == 4, "the create event and three leaves")
                #expect(!events.contains { String(decoding: $0.pdu, as: UTF8.self).contains("message") })
                #expect(try store.receipts(in: number).isEmpty)
                #expect(try store.aliases(of: number).isEmpty)
                #expect(try store.accountData("m.tag", of: users[0].userID, room: number) == nil)
                #expect(try store.alias(RoomAlias("#lasting:test")!) == nil)
            }
            #expect(try await server.sync(users[0]).room(other)?.bodies == ["elsewhere"])
            let report = try await HistoryVerifier(
                database: server.database, serverName: TestServer.name, keyID: TestServer.signingKey.keyID,
                key: #require(VerifyKey(publicKey: TestServer.signingKey.publicKey))
            ).verify()
            #expect(report.faults.isEmpty && report.roomCount == 1)
        }
    }

    @Test func nobodyComesBack() async throws {
        try await TestServer.run { server in
            let users = try await server.users("alice", "bob")
            let room = try await server.room(of: users)
            let deletion = try await server.rooms.beginDeletion(of: room)
            let dave = try await server.user("dave")
            for _ in 0..<2 {
                await #expect(throws: MatrixError.self) {
                    try await server.rooms.join(room, userID: dave.userID, reason: nil)
                }
                await #expect(throws: MatrixError.self) {
                    try await server.rooms.invite(dave.userID, to: room, by: users[0].userID, reason: nil)
                }
                _ = try await finish(server, deletion)
            }
            await #expect(throws: MatrixError.self) {
                try await server.rooms.join(room, userID: users[0].userID, reason: nil)
            }
            await #expect(throws: MatrixError.self) { try await server.say("still here?", as: users[0], in: room) }
            // Asked again, it says that it is done.
            #expect(try await server.rooms.beginDeletion(of: room).stage == .done)
            await #expect(throws: MatrixError.self) { try await server.rooms.beginDeletion(of: RoomID("!none:test")!) }
        }
    }

    /// Each step is durable, so whichever was the last, the next run goes on from there.
    @Test(arguments: [0, 1, 2, 3]) func aDeletionGoesOnAfterARestart(steps: Int) async throws {
        try await TestServer.run { server in
            let users = try await server.users("alice", "bob", "carol")
            let room = try await furnishedRoom(server, users)
            let begun = try await server.rooms.beginDeletion(of: room)
            for _ in 0..<steps { _ = try await server.rooms.continueDeletion(of: begun.room) }
            try await server.afterRestart { next in
                await next.homeserver.housekeep()
                let done = try await next.database.read { try $0.roomDeletion(begun.room) }
                #expect(done?.stage == .done)
                #expect(done?.removedUserCount == 3)
                #expect(try await next.sync(users[0]).room(room) == nil)
            }
        }
    }

    /// Rule 127: what nobody can see any more is deleted from the disk, by the server itself.
    @Test func aRoomThatAllHaveForgottenIsDeleted() async throws {
        try await TestServer.run { server in
            let users = try await server.users("alice", "bob")
            let room = try await furnishedRoom(server, users)
            let number = try await server.rooms.room(room).number
            func deletion() async throws -> RoomDeletionRecord.Stage? {
                try await server.database.read { try $0.roomDeletion(number)?.stage }
            }
            for user in users { try await server.rooms.leave(room, userID: user.userID, reason: nil) }
            await server.homeserver.housekeep()
            try await server.rooms.forget(room, userID: users[0].userID)
            #expect(try await deletion() == nil, "one may still look at it")
            try await server.rooms.forget(room, userID: users[1].userID)
            #expect(try await deletion() == .purging)
            try await server.afterRestart { next in
                await next.homeserver.housekeep()
                let events = try await next.database.read { store in
                    try store.timeline(
                        of: number, after: .zero, before: StreamPosition(.max), limit: 1_000, direction: .forward)
                }
                #expect(events.count == 3, "the create event and two leaves")
            }
            #expect(try await deletion() == .done)
            let dave = try await server.user("dave")
            await #expect(throws: MatrixError.self) {
                try await server.rooms.join(room, userID: dave.userID, reason: nil)
            }
        }
    }

    /// Rule 127: whoever has no account any more forgets nothing, and need not.
    @Test func thoseWhoAreGoneNeedNotForget() async throws {
        try await TestServer.run { server in
            let users = try await server.users("alice", "bob", "carol")
            let room = try await server.room(of: [users[0], users[1]])
            try await server.rooms.invite(users[2].userID, to: room, by: users[0].userID, reason: nil)
            let number = try await server.rooms.room(room).number
            try await server.accounts.deactivate(users[1].userID, erases: false)
            try await server.rooms.leave(room, userID: users[0].userID, reason: nil)
            try await server.rooms.forget(room, userID: users[0].userID)
            #expect(try await server.database.read { try $0.roomDeletion(number) } == nil, "somebody is invited")
            try await server.rooms.leave(room, userID: users[2].userID, reason: nil)
            try await server.rooms.forget(room, userID: users[2].userID)
            #expect(try await server.database.read { try $0.roomDeletion(number)?.stage } == .purging)
        }
    }
}
