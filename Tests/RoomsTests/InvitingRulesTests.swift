import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// Blocked invitations, the server's notices, restricted rooms and reports.
@Suite struct InvitingRulesTests {
    @Test(
        "rule 123: whoever blocks invitations is invited nowhere",
        arguments: ["m.invite_permission_config", "org.matrix.msc4380.invite_permission_config"])
    func invitationsCanBeBlocked(type: String) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let bob = users[1].userID
            let earlier = try await server.room(of: [users[0]])
            try await server.rooms.invite(bob, to: earlier, by: users[0].userID, reason: nil)
            #expect(try await server.sync(users[1]).room(earlier, "invite") != nil)
            try await server.accounts.setAccountData(
                type, of: bob, room: nil, content: ["default_action": "block"])

            // Also the invitation of before is out of sight, but not out of the state.
            #expect(try await server.sync(users[1]).room(earlier, "invite") == nil)
            #expect(try await server.rooms.room(earlier).read { $0.state.membership(of: bob) } == .invite)
            let roomID = try await server.room(of: [users[0]])
            #expect(
                await refusal {
                    try await server.rooms.invite(bob, to: roomID, by: users[0].userID, reason: nil)
                } == .inviteBlocked)
            #expect(
                await refusal {
                    _ = try await server.rooms.setState(
                        "m.room.member", stateKey: bob.string, content: ["membership": "invite"], in: roomID,
                        sender: users[0].userID)
                } == .inviteBlocked)
            var creation = RoomCreation()
            creation.invitees = [bob]
            #expect(
                await refusal { _ = try await server.rooms.create(creation, creator: users[0].userID) }
                    == .inviteBlocked)

            try await server.accounts.setAccountData(type, of: bob, room: nil, content: [:])
            try await server.rooms.invite(bob, to: roomID, by: users[0].userID, reason: nil)
            #expect(try await server.sync(users[1]).room(roomID, "invite") != nil)
        }
    }

    @Test("rule 130: notices come in one tagged room whose invitation cannot be turned down")
    func noticesComeInOneRoom() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            try await server.rooms.sendNotice(["body": "hello"], to: alice.userID)
            let invited = try await server.sync(alice)
            let roomID = try #require(invited.rooms("invite").members.first.flatMap { RoomID($0.key) })
            #expect(
                await refusal { try await server.rooms.leave(roomID, userID: alice.userID, reason: nil) }
                    == .cannotLeaveServerNoticeRoom)
            #expect(
                await refusal {
                    _ = try await server.rooms.setState(
                        "m.room.member", stateKey: alice.userID.string, content: ["membership": "leave"], in: roomID,
                        sender: alice.userID)
                } == .cannotLeaveServerNoticeRoom)
            try await server.rooms.join(roomID, userID: alice.userID, reason: nil)
            try await server.rooms.sendNotice(["body": "again", "server_notice_type": "x"], to: alice.userID)
            let room = try #require(try await server.sync(alice).room(roomID))
            #expect(room.bodies == ["hello", "again"])
            #expect(
                room.timeline.filter { $0["type"] == "m.room.message" }.allSatisfy {
                    $0["content"]?["msgtype"] == "m.server_notice"
                })
            #expect(
                room.json["account_data"]?["events"]?[0]?["content"] == ["tags": ["m.server_notice": [:]]])
            // The user only reads there.
            #expect(await refusal { try await server.say("thanks", as: alice, in: roomID) } == .forbidden)
            // After joining he may leave; the next notice invites him again.
            try await server.rooms.leave(roomID, userID: alice.userID, reason: nil)
            try await server.rooms.sendNotice(["body": "once more"], to: alice.userID)
            #expect(try await server.sync(alice).rooms("invite").members.map(\.key) == [roomID.string])
            // Nobody can sign up as the server.
            #expect(
                await refusal { _ = try await server.accounts.availableUserID(localpart: "notices") } == .userInUse)
            try await RoomHistory(roomID, of: server).verify()
        }
    }

    @Test("rule 45: a restricted room names a member who may invite", arguments: ["restricted", "knock_restricted"])
    func restrictedJoinsAreAuthorised(rule: String) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol", "dave")
            let club = try await server.room(of: [users[0], users[1]])
            let roomID = try await server.room(of: [users[0]])
            let allow: JSONValue = [["type": "m.room_membership", "room_id": .string(club.string)]]
            _ = try await server.rooms.setState(
                "m.room.join_rules", stateKey: "", content: ["join_rule": .string(rule), "allow": allow], in: roomID,
                sender: users[0].userID)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let member = try await server.rooms.room(roomID).read { $0.state["m.room.member", users[1].userID.string] }
            #expect(member?.content["join_authorised_via_users_server"]?.stringValue == users[0].userID.string)
            #expect(
                await refusal { try await server.rooms.join(roomID, userID: users[2].userID, reason: nil) }
                    == .forbidden)
            // Whoever was invited needs nobody's word.
            try await server.rooms.invite(users[2].userID, to: roomID, by: users[0].userID, reason: nil)
            try await server.rooms.join(roomID, userID: users[2].userID, reason: nil)
            let invited = try await server.rooms.room(roomID).read {
                $0.state["m.room.member", users[2].userID.string]?.content
            }
            #expect(invited?["join_authorised_via_users_server"] == nil)
            // Rule 46: knock_restricted is either of the two.
            let knock = await refusal { try await server.rooms.knock(roomID, userID: users[3].userID, reason: nil) }
            #expect(knock == (rule == "restricted" ? .forbidden : nil))
            // With nobody left who may invite, it cannot be granted.
            try await server.rooms.leave(roomID, userID: users[0].userID, reason: nil)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            #expect(
                await refusal { try await server.rooms.join(roomID, userID: users[1].userID, reason: nil) }
                    == .unableToGrantJoin)
        }
    }

    @Test("rule 46: a new join rule does not touch those who are in")
    func membersStayWhenTheJoinRuleChanges() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            _ = try await server.rooms.setState(
                "m.room.join_rules", stateKey: "", content: ["join_rule": "invite"], in: roomID,
                sender: users[0].userID)
            try await server.say("still in", as: users[1], in: roomID)
            // Joining again is no new join, and a new name is let in.
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            _ = try await server.rooms.setState(
                "m.room.member", stateKey: users[1].userID.string,
                content: ["membership": "join", "displayname": "Bob"], in: roomID, sender: users[1].userID)
            #expect(
                try await server.rooms.room(roomID).read {
                    $0.state["m.room.member", users[1].userID.string]?.content["displayname"]
                } == "Bob")
        }
    }

    @Test("rule 127: only what was left can be forgotten")
    func forgetting() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[1]])
            func forget(_ user: TestUser) async -> ErrorCode? {
                await refusal { try await server.rooms.forget(roomID, userID: user.userID) }
            }
            #expect(await forget(users[1]) == .unknown)
            #expect(await forget(users[2]) == .forbidden)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            #expect(await forget(users[1]) == nil)
            #expect(try await server.sync(users[1], filter: ["room": ["include_leave": true]]).rooms("leave").isEmpty)
            #expect(
                await refusal {
                    _ = try await server.rooms.messages(
                        in: roomID, userID: users[1].userID, from: nil, to: nil, direction: .backward, limit: 5,
                        isWanted: { _ in true })
                } == .forbidden)
        }
    }

    @Test("rule 125: reports are kept, and tell nobody what there is")
    func reportsAreKept() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[1]], visibility: "joined")
            let event = try await server.say("bad", as: users[0], in: roomID)
            let nowhere = RoomID("!nowhere:test")!
            let nobody = UserID("@nobody:test")!
            let nothing = EventID("$" + String(repeating: "A", count: 43))!
            try await server.rooms.report(.event(event, roomID), reason: "1", by: users[1].userID)
            // A room can be reported by whoever is not in it.
            try await server.rooms.report(.room(roomID), reason: "2", by: users[2].userID)
            try await server.rooms.report(.user(users[0].userID), reason: "3", by: users[2].userID)
            try await server.rooms.report(.room(nowhere), reason: "4", by: users[2].userID)
            try await server.rooms.report(.user(nobody), reason: "5", by: users[2].userID)
            try await server.rooms.report(.event(nothing, roomID), reason: "6", by: users[1].userID)
            try await server.rooms.report(.event(event, roomID), reason: "7", by: users[2].userID)
            let reports = try await server.rooms.reports(limit: 100)
            #expect(reports.map(\.reason) == ["3", "2", "1"])
            #expect(reports[2].eventID == event)
            #expect(reports[2].userID == users[0].userID)
            #expect(try await server.rooms.reports(before: reports[0].number, limit: 1).map(\.reason) == ["2"])
            try await server.rooms.deleteReport(reports[1].number)
            #expect(try await server.rooms.reports(limit: 100).map(\.reason) == ["3", "1"])
            #expect(
                await refusal {
                    try await server.rooms.report(
                        .room(roomID), reason: String(repeating: "x", count: 5_000), by: users[1].userID)
                } == .tooLarge)
        }
    }
}
