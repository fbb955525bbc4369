import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Testing

@Suite struct MembershipTests {
    private func setJoinRules(
        _ content: JSONObject, _ roomID: RoomID, by user: TestUser, on server: TestServer
    ) async throws {
        _ = try await server.rooms.setState(
            "m.room.join_rules", stateKey: "", content: content, in: roomID, sender: user.userID)
    }

    /// Rule 43: every call in every membership of the target, as the room's maker would make it or the target himself.
    @Test(arguments: ["11", "12"]) func eachCallIsForSomeMembershipsOnly(version: String) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let reach: [String: [String]] = [
                "none": [], "invite": ["invite"], "join": ["join"], "leave": ["join", "leave"], "ban": ["ban"],
                "knock": ["knock"],
            ]
            // What each call leads to from each membership; what is not named is refused.
            let expected: [String: [String: String]] = [
                "join": ["invite": "join", "join": "join"],
                "invite": ["none": "invite", "invite": "invite", "leave": "invite", "knock": "invite"],
                "leave": ["invite": "leave", "join": "leave", "leave": "leave", "knock": "leave"],
                "kick": ["invite": "leave", "join": "leave", "knock": "leave"],
                "ban": ["none": "ban", "invite": "ban", "join": "ban", "leave": "ban", "ban": "ban", "knock": "ban"],
                "unban": ["ban": "leave"],
                "knock": ["none": "knock", "leave": "knock", "knock": "knock"],
            ]
            for (from, steps) in reach {
                for (call, outcomes) in expected {
                    let target = try await server.user("\(from).\(call)")
                    let roomID = try await server.room(of: [alice], version: RoomVersionRules.named(version)!)
                    func run(_ call: String) async throws {
                        let id = target.userID
                        switch call {
                        case "join": try await server.rooms.join(roomID, userID: id, reason: nil)
                        case "invite": try await server.rooms.invite(id, to: roomID, by: alice.userID, reason: nil)
                        case "leave": try await server.rooms.leave(roomID, userID: id, reason: nil)
                        case "kick": try await server.rooms.kick(id, from: roomID, by: alice.userID, reason: "r")
                        case "ban": try await server.rooms.ban(id, from: roomID, by: alice.userID, reason: "r")
                        case "unban": try await server.rooms.unban(id, from: roomID, by: alice.userID, reason: nil)
                        default: try await server.rooms.knock(roomID, userID: id, reason: nil)
                        }
                    }
                    for step in steps {
                        if step == "knock" {
                            try await setJoinRules(["join_rule": "knock"], roomID, by: alice, on: server)
                        }
                        try await run(step)
                    }
                    try await setJoinRules(["join_rule": "knock"], roomID, by: alice, on: server)
                    let outcome = outcomes[from]
                    let code = await refusal { try await run(call) }
                    #expect(code == (outcome == nil ? .forbidden : nil), "\(call) from \(from)")
                    let membership = try await server.rooms.room(roomID).read { $0.state.membership(of: target.userID) }
                    #expect((membership?.rawValue ?? "none") == outcome ?? from, "\(call) from \(from)")
                    let stored = try await server.database.read { store throws in
                        let room = try #require(try store.room(roomID))
                        return try store.membership(of: target.userID, in: room.number)?.membership
                    }
                    #expect(stored == membership, "\(call) from \(from)")
                }
            }
        }
    }

    @Test func whoIsNotInARoomActsOnNobody() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0], users[2]])
            let (bob, carol) = (users[1].userID, users[2].userID)
            #expect(
                await refusal { try await server.rooms.kick(carol, from: roomID, by: bob, reason: nil) } == .forbidden)
            #expect(
                await refusal { try await server.rooms.ban(carol, from: roomID, by: bob, reason: nil) } == .forbidden)
            #expect(
                await refusal { try await server.rooms.invite(bob, to: roomID, by: bob, reason: nil) } == .forbidden)
            #expect(await refusal { try await server.say("hi", as: users[1], in: roomID) } == .forbidden)
            // Without the power for it neither.
            #expect(
                await refusal { try await server.rooms.kick(users[0].userID, from: roomID, by: carol, reason: nil) }
                    == .forbidden)
            try await server.expectViewAgrees(roomID)
        }
    }

    /// Rule 45.
    @Test(arguments: ["restricted", "knock_restricted"]) func membersOfAnotherRoomMayJoin(rule: String) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let space = try await server.room(of: [users[0], users[1]])
            let roomID = try await server.room(of: [users[0]])
            try await setJoinRules(
                [
                    "join_rule": .string(rule),
                    "allow": [["type": "m.room_membership", "room_id": .string(space.string)]],
                ], roomID, by: users[0], on: server)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            let member = try await server.rooms.room(roomID).read { $0.state["m.room.member", users[1].userID.string] }
            #expect(member?.content["join_authorised_via_users_server"] == .string(users[0].userID.string))
            #expect(
                await refusal { try await server.rooms.join(roomID, userID: users[2].userID, reason: nil) }
                    == .forbidden)
            // An invitation needs nobody's authority but its own.
            try await server.rooms.invite(users[2].userID, to: roomID, by: users[0].userID, reason: nil)
            try await server.rooms.join(roomID, userID: users[2].userID, reason: nil)
            let invited = try await server.rooms.room(roomID).read { $0.state["m.room.member", users[2].userID.string] }
            #expect(invited?.content["join_authorised_via_users_server"] == nil)
            // When nobody is left who may invite, nobody can be let in.
            _ = try await server.rooms.setState(
                "m.room.member", stateKey: users[1].userID.string, content: ["membership": "leave"], in: roomID,
                sender: users[1].userID)
            try await server.rooms.leave(roomID, userID: users[0].userID, reason: nil)
            #expect(
                await refusal { try await server.rooms.join(roomID, userID: users[1].userID, reason: nil) }
                    == .unableToGrantJoin)
            try await RoomHistory(roomID, of: server).verify()
            let mayKnock: ErrorCode?
            do {
                try await server.rooms.knock(roomID, userID: users[1].userID, reason: nil)
                mayKnock = nil
            } catch let error as MatrixError {
                mayKnock = error.code
            }
            #expect(mayKnock == (rule == "restricted" ? ErrorCode.forbidden : nil))
            let membership = try await server.rooms.room(roomID).read { $0.state.membership(of: users[1].userID) }
            #expect(membership == (rule == "restricted" ? .leave : .knock))
        }
    }

    /// Rule 73: inviting or knocking is not being there: whoever declines has seen nothing and sees nothing after it.
    @Test func whoWasOnlyInvitedReadsNothing() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: [users[0]])
            try await setJoinRules(["join_rule": "knock"], roomID, by: users[0], on: server)
            try await server.rooms.invite(users[1].userID, to: roomID, by: users[0].userID, reason: nil)
            try await server.rooms.leave(roomID, userID: users[1].userID, reason: nil)
            try await server.rooms.knock(roomID, userID: users[2].userID, reason: nil)
            try await server.rooms.kick(users[2].userID, from: roomID, by: users[0].userID, reason: nil)
            for user in users.dropFirst() {
                #expect(
                    await refusal { _ = try await server.rooms.state(of: roomID, userID: user.userID) } == .forbidden)
                #expect(
                    await refusal {
                        _ = try await server.rooms.messages(
                            in: roomID, userID: user.userID, from: nil, to: nil, direction: .backward, limit: 9,
                            isWanted: { _ in true })
                    } == .forbidden)
            }
        }
    }

    /// Rules 73 and 112.
    @Test func whoHasLeftReadsTheRoomAsItWas() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let (alice, bob) = (users[0], users[1])
            let roomID = try await server.room(of: users)
            func setName(_ name: String) async throws {
                _ = try await server.rooms.setState(
                    "m.room.name", stateKey: "", content: ["name": .string(name)], in: roomID, sender: alice.userID)
            }
            try await setName("before")
            try await server.say("heard", as: alice, in: roomID)
            try await server.rooms.leave(roomID, userID: bob.userID, reason: nil)
            try await setName("after")
            let unheard = try await server.say("unheard", as: alice, in: roomID)
            try await server.rooms.ban(bob.userID, from: roomID, by: alice.userID, reason: nil)

            let state = try await server.rooms.state(of: roomID, userID: bob.userID)
            #expect(state["m.room.name"]?.content["name"] == "before")
            #expect(state.membership(of: bob.userID) == .leave)
            let page = try await server.rooms.messages(
                in: roomID, userID: bob.userID, from: nil, to: nil, direction: .backward, limit: 99,
                isWanted: { $0.type == "m.room.message" })
            #expect(page.events.map { $0.content["body"] } == ["heard"])
            #expect(
                await refusal { _ = try await server.rooms.event(unheard, in: roomID, userID: bob.userID) } == .notFound
            )
            try await server.rooms.forget(roomID, userID: bob.userID)
            #expect(await refusal { _ = try await server.rooms.state(of: roomID, userID: bob.userID) } == .forbidden)
        }
    }
}
