import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Sync
import Testing

/// Rooms that the user is invited to, joins, leaves and is removed from, in sliding sync.
@Suite struct SlidingMembershipTests {
    private func text(_ answer: SlidingAnswerJSON) -> String { String(decoding: answer.json.bytes(), as: UTF8.self) }

    /// Rule 62.
    @Test func invitesShowLittleAndBecomeRooms() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            try await server.say("not for guests", as: users[0], in: roomID)
            var client = SlidingClient(users[1])
            #expect(try await client.sync(with: server).count == 0)
            let waiting = try await client.waiting(on: server)
            try await server.rooms.invite(users[1].userID, to: roomID, by: users[0].userID, reason: nil)
            let invited = try await waiting.value
            let room = try #require(invited.room(roomID))
            let types = Set((room["invite_state"]?.arrayValue ?? []).compactMap { $0["type"]?.stringValue })
            #expect(types == ["m.room.create", "m.room.join_rules", "m.room.member"])
            #expect(room["timeline"] == nil)
            #expect(room["required_state"] == nil)
            #expect(!text(invited).contains("not for guests"))
            client.position = invited.position
            // What goes on in the room is not for who is not in it.
            try await server.say("nor this", as: users[0], in: roomID)
            #expect(try await client.sync(with: server).rooms.isEmpty)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let joined = try #require(try await client.sync(with: server).room(roomID))
            #expect(joined.isInitial)
            #expect(joined.requiredTypes.contains("m.room.create"))
        }
    }

    @Test func aDeclinedInvitationIsSeenToBeGone() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            try await server.rooms.invite(users[1].userID, to: roomID, by: users[0].userID, reason: nil)
            var client = SlidingClient(users[1])
            _ = try await client.sync(with: server)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            let room = try #require(try await client.sync(with: server).room(roomID))
            #expect(room.requiredState.map { $0["content"]?["membership"] } == ["leave"])
            #expect(room.members == [users[1].userID.string])
            #expect(try await client.sync(with: server).rooms.isEmpty)
            // Whoever begins anew does not see it at all.
            #expect(try await client.answer(of: server, from: nil).count == 0)
        }
    }

    /// Rule 63.
    @Test func ignoredUsersInviteNobody() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            try await server.accounts.setAccountData(
                "m.ignored_user_list", of: users[1].userID, room: nil,
                content: ["ignored_users": .object(JSONObject(members: [(users[0].userID.string, [:])]))])
            try await server.rooms.invite(users[1].userID, to: roomID, by: users[0].userID, reason: nil)
            let answer = try await SlidingClient(users[1]).answer(of: server, from: nil)
            #expect(answer.rooms.isEmpty)
            #expect(answer.count == 0)
        }
    }

    /// Rule 79: who is removed sees that, and nothing that comes after it; nor receipts or typing.
    @Test(arguments: [false, true]) func whoIsRemovedSeesNothingLater(isBan: Bool) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var client = SlidingClient(users[1])
            client.body["lists"] = SlidingClient.list(state: [["*", "*"]])["lists"]
            _ = try await client.sync(with: server)
            try await server.say("heard", as: users[0], in: roomID)
            if isBan {
                try await server.rooms.ban(users[1].userID, from: roomID, by: users[0].userID, reason: nil)
            } else {
                try await server.rooms.kick(users[1].userID, from: roomID, by: users[0].userID, reason: nil)
            }
            let later = try await server.say("unheard", as: users[0], in: roomID)
            _ = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "unheard"], in: roomID, sender: users[0].userID)
            try await server.rooms.mark([.init(type: .read, eventID: later)], in: roomID, userID: users[0].userID)
            server.rooms.typing.start(
                users[0].userID, in: try await server.rooms.room(roomID), timeoutMilliseconds: 9_000)
            let answer = try await client.sync(with: server)
            let room = try #require(answer.room(roomID))
            #expect(room.bodies == ["heard"])
            #expect(room["timeline"]?.arrayValue?.last?["content"]?["membership"] == (isBan ? "ban" : "leave"))
            #expect(!text(answer).contains("unheard"))
            #expect(answer.extensionOf("receipts") == nil)
            #expect(answer.extensionOf("typing") == nil)
            #expect(try await client.sync(with: server).rooms.isEmpty)
            // Whoever begins anew still sees that he was removed, and the room as it was.
            let fresh = try await client.answer(of: server, from: nil)
            #expect(fresh.count == 1)
            let again = try #require(fresh.room(roomID))
            #expect(again.requiredTypes.contains("m.room.create"))
            #expect(!text(fresh).contains("unheard"))
        }
    }

    /// Rule 79.
    @Test func aBanAfterTheLeaveShowsNothingOfTheTimeBetween() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var client = SlidingClient(users[1], body: SlidingClient.list(state: [["*", "*"]]))
            _ = try await client.sync(with: server)
            let since = try await server.sync(users[1]).nextBatch
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            _ = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "unheard"], in: roomID, sender: users[0].userID)
            try await server.say("unheard too", as: users[0], in: roomID)
            try await server.rooms.ban(users[1].userID, from: roomID, by: users[0].userID, reason: nil)
            let answer = try await client.sync(with: server)
            let own = answer.room(roomID)?.requiredState.last { $0["state_key"]?.stringValue == users[1].userID.string }
            #expect(own?["content"]?["membership"] == "ban")
            #expect(!text(answer).contains("unheard"))
            for usesStateAfter in [false, true] {
                let answer = try await server.sync(users[1], since: since, usesStateAfter: usesStateAfter)
                #expect(answer.room(roomID, "leave") != nil)
                #expect(!String(decoding: answer.json.bytes(), as: UTF8.self).contains("unheard"))
            }
        }
    }

    @Test func whoLeavesIsToldOnThisConnectionOnly() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users)
            let strange = try await server.room(of: [users[0]])
            try await server.rooms.ban(users[1].userID, from: strange, by: users[0].userID, reason: nil)
            var client = SlidingClient(users[1])
            // A ban from a room that he was never in is nothing.
            #expect(try await client.sync(with: server).count == 1)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            let left = try await client.sync(with: server)
            #expect(left.room(roomID)?["timeline"]?.arrayValue?.last?["content"]?["membership"] == "leave")
            #expect(try await client.answer(of: server, from: nil).count == 0)
            // Back again: all of it anew, however quick.
            var other = SlidingClient(users[2])
            _ = try await other.sync(with: server)
            try await server.rooms.leave(roomID, userID: users[2].userID, reason: nil)
            try await server.rooms.join(roomID, userID: users[2].userID, reason: nil)
            let back = try #require(try await other.sync(with: server).room(roomID))
            #expect(back.isInitial)
            #expect(back.requiredTypes.contains("m.room.create"))
        }
    }
}
