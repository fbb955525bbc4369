import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

@Suite struct SyncSectionsTests {
    private func timelineLimit(_ limit: Int64) -> JSONObject { ["room": ["timeline": ["limit": .integer(limit)]]] }

    private func name(_ name: String, _ roomID: RoomID, by user: TestUser, on server: TestServer) async throws {
        _ = try await server.rooms.setState(
            "m.room.name", stateKey: "", content: ["name": .string(name)], in: roomID, sender: user.userID)
    }

    /// Rule 58.
    @Test func aNewlyJoinedRoomIsWholeAndLimited() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            let since = try await server.sync(users[1]).nextBatch
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let room = try #require(
                try await server.sync(users[1], since: since, filter: timelineLimit(3)).room(roomID))
            #expect(room.isLimited)
            #expect(room.timeline.count == 3)
            let types = (room.state + room.timeline).compactMap { $0["type"]?.stringValue }
            #expect(Set(types).isSuperset(of: ["m.room.create", "m.room.power_levels", "m.room.join_rules"]))
            // Whoever comes back has the room from before: the timeline says that it begins anew.
            let joined = try await server.sync(users[1], since: since).nextBatch
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let again = try #require(
                try await server.sync(users[1], since: joined, filter: timelineLimit(90)).room(roomID))
            #expect(again.isLimited)
        }
    }

    /// Rules 57 and 67: a client that wants no timeline still gets the state.
    @Test func aLimitOfZeroLosesNoState() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let first = try await server.sync(alice, filter: timelineLimit(0))
            #expect(first.room(roomID)?.timeline.isEmpty == true)
            #expect(first.room(roomID)?.state.contains { $0["type"] == "m.room.create" } == true)
            try await name("tea", roomID, by: alice, on: server)
            let next = try await server.sync(alice, since: first.nextBatch, filter: timelineLimit(0))
            let room = try #require(next.room(roomID))
            #expect(room.timeline.isEmpty)
            #expect(room.isLimited)
            #expect(room.state.map { $0["content"]?["name"] } == ["tea"])
        }
    }

    /// Rules 61 and 62.
    @Test func invitesShowLittleAndLeaveAgain() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            try await name("tea", roomID, by: users[0], on: server)
            try await server.say("not for guests", as: users[0], in: roomID)
            let since = try await server.sync(users[1]).nextBatch
            try await server.rooms.invite(users[1].userID, to: roomID, by: users[0].userID, reason: "come")
            let invited = try await server.sync(users[1], since: since)
            let events = invited.room(roomID, "invite")?.json["invite_state"]?["events"]?.arrayValue ?? []
            let types = Set(events.compactMap { $0["type"]?.stringValue })
            #expect(types == ["m.room.create", "m.room.join_rules", "m.room.name", "m.room.member"])
            #expect(events.contains { $0["state_key"]?.stringValue == users[1].userID.string })
            for event in events {
                #expect(Set(event.objectValue?.keys.map { $0 } ?? []) == ["content", "sender", "state_key", "type"])
            }
            #expect(invited.json["rooms"]?["join"] == nil)
            #expect(try await server.sync(users[1], since: invited.nextBatch).json["rooms"] == nil)

            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            let left = try await server.sync(users[1], since: invited.nextBatch)
            let room = try #require(left.room(roomID, "leave"))
            #expect(room.timeline.map { $0["content"]?["membership"] } == ["leave"])
            #expect(room.state.isEmpty)
        }
    }

    /// Rule 61.
    @Test(arguments: [false, true]) func aLeftRoomEndsWithTheLeaving(usesStateAfter: Bool) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let since = try await server.sync(users[1]).nextBatch
            try await server.say("heard", as: users[0], in: roomID)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.say("unheard", as: users[0], in: roomID)
            try await name("unheard", roomID, by: users[0], on: server)
            let answer = try await server.sync(users[1], since: since, usesStateAfter: usesStateAfter)
            let room = try #require(answer.room(roomID, "leave"))
            #expect(room.bodies == ["heard"])
            #expect(room.timeline.last?["content"]?["membership"] == "leave")
            let shown = String(decoding: answer.json.bytes(), as: UTF8.self)
            #expect(!shown.contains("unheard"))
            #expect(try await server.sync(users[1], since: answer.nextBatch).json["rooms"] == nil)
            #expect(try await server.sync(users[1]).json["rooms"] == nil)
            let withLeft = try await server.sync(users[1], filter: ["room": ["include_leave": true]])
            #expect(withLeft.room(roomID, "leave") != nil)
            #expect(!String(decoding: withLeft.json.bytes(), as: UTF8.self).contains("unheard"))
        }
    }

    /// Rule 127.
    @Test func aForgottenRoomIsGone() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            _ = try await server.sync(users[1])
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.rooms.forget(roomID, userID: users[1].userID)
            let filter: JSONObject = ["room": ["include_leave": true]]
            #expect(try await server.sync(users[1], filter: filter).json["rooms"] == nil)
        }
    }

    /// Rules 98 and 104.
    @Test func unreadCountsFollowReceiptsAndOwnMessages() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users)
            func counts(_ user: TestUser) async throws -> [Int64?] {
                let room = try await server.sync(user).room(roomID)
                return [room?.notificationCount, room?.highlightCount]
            }
            let first = try await server.say("one", as: users[0], in: roomID)
            try await server.say("two", as: users[0], in: roomID)
            _ = try await server.rooms.send(
                "m.room.message",
                content: [
                    "msgtype": "m.text", "body": "you", "m.mentions": ["user_ids": [.string(users[1].userID.string)]],
                ], to: roomID, transactionID: "m", sender: users[0].sender)
            #expect(try await counts(users[1]) == [3, 1])
            #expect(try await counts(users[1]) == [3, 1])
            #expect(try await counts(users[2]) == [3, 0])
            #expect(try await counts(users[0]) == [0, 0])
            try await server.rooms.mark(
                [.init(type: .readPrivate, eventID: first)], in: roomID, userID: users[1].userID)
            #expect(try await counts(users[1]) == [2, 1])
            try await server.say("mine", as: users[2], in: roomID)
            #expect(try await counts(users[2]) == [0, 0])
            #expect(try await counts(users[1]) == [3, 1])
            try await server.afterRestart { next throws in
                let room = try await next.sync(users[1]).room(roomID)
                #expect(room?.notificationCount == 3)
                #expect(room?.highlightCount == 1)
            }
        }
    }

    /// Rule 63.
    @Test func whoIsIgnoredSaysNothingAndCountsForNothing() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await server.accounts.setAccountData(
                "m.ignored_user_list", of: users[1].userID, room: nil,
                content: ["ignored_users": .object(JSONObject(members: [(users[0].userID.string, [:])]))])
            try await server.say("noise", as: users[0], in: roomID)
            let room = try #require(try await server.sync(users[1]).room(roomID))
            #expect(room.bodies.isEmpty)
            #expect(room.timeline.contains { $0["type"] == "m.room.create" } || !room.state.isEmpty)
            #expect(room.notificationCount == 0)
        }
    }

    /// Rule 99.
    @Test func privateReceiptsStayPrivate() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let event = try await server.say("hello", as: users[0], in: roomID)
            let since = try await users.asyncMap { try await server.sync($0).nextBatch }
            try await server.rooms.mark(
                [.init(type: .readPrivate, eventID: event)], in: roomID, userID: users[1].userID)
            #expect(try await server.sync(users[0], since: since[0]).json["rooms"] == nil)
            let own = try await server.sync(users[1], since: since[1]).room(roomID)?.ephemeral("m.receipt")
            #expect(own?[event.string]?["m.read.private"]?[users[1].userID.string] != nil)
            try await server.rooms.mark([.init(type: .read, eventID: event)], in: roomID, userID: users[1].userID)
            let others = try await server.sync(users[0], since: since[0]).room(roomID)?.ephemeral("m.receipt")
            #expect(others?[event.string]?.objectValue?.keys.map { $0 } == ["m.read"])
        }
    }
}
