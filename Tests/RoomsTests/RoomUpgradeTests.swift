import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Testing

/// Rule 36.
@Suite struct RoomUpgradeTests {
    private func state(_ roomID: RoomID, on server: TestServer) async throws -> StateMap {
        try await server.rooms.room(roomID).read { $0.state }
    }

    private func set(
        _ type: String, _ stateKey: String, _ content: JSONObject, in roomID: RoomID, by user: TestUser,
        on server: TestServer
    ) async throws {
        _ = try await server.rooms.setState(
            type, stateKey: stateKey, content: content, in: roomID, sender: user.userID)
    }

    @Test("rule 36: state, bans and aliases move, and the old room is closed", arguments: ["11 12", "12 12", "12 11"])
    func stateBansAndAliasesMove(versions: String) async throws {
        let rules = versions.split(separator: " ").compactMap { RoomVersionRules.named(String($0)) }
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "mallory")
            let alice = users[0]
            var creation = RoomCreation()
            creation.version = rules[0]
            creation.preset = .publicChat
            creation.isListed = true
            creation.aliasLocalpart = "tea"
            creation.creationContent = ["type": "m.space"]
            let old = try await server.rooms.create(creation, creator: alice.userID)
            for user in users[1...] { try await server.rooms.join(old, userID: user.userID, reason: nil) }
            let copied: [(String, JSONObject)] = [
                ("m.room.name", ["name": "tea"]), ("m.room.topic", ["topic": "leaves"]),
                ("m.room.avatar", ["url": "mxc://test/a"]),
                ("m.room.encryption", ["algorithm": "m.megolm.v1.aes-sha2"]),
                ("m.room.server_acl", ["allow": ["*"], "deny": ["evil.example"]]),
                ("m.room.guest_access", ["guest_access": "can_join"]),
                ("m.room.history_visibility", ["history_visibility": "joined"]),
            ]
            for (type, content) in copied { try await set(type, "", content, in: old, by: alice, on: server) }
            try await set("m.space.child", "!x:test", ["via": ["test"]], in: old, by: alice, on: server)
            try await server.rooms.ban(users[2].userID, from: old, by: alice.userID, reason: "spam")

            let new = try await server.rooms.upgrade(
                old, to: rules[1], additionalCreators: [users[1].userID], by: alice.userID)
            let state = try await state(new, on: server)
            for (type, content) in copied { #expect(state[type]?.content == content, "\(type)") }
            #expect(state["m.space.child", "!x:test"]?.content == ["via": ["test"]])
            #expect(state["m.room.join_rules"]?.content["join_rule"] == "public")
            #expect(state["m.room.member", users[2].userID.string]?.content == ["membership": "ban", "reason": "spam"])
            #expect(state.membership(of: users[1].userID) == nil)
            let create = try #require(state["m.room.create"]?.content)
            #expect(create["type"] == "m.space")
            #expect(create["room_version"]?.stringValue == rules[1].identifier)
            #expect(create["predecessor"]?["room_id"]?.stringValue == old.string)
            #expect((create["predecessor"]?["event_id"] == nil) == rules[1].roomIDIsCreateEventHash)
            #expect((create["additional_creators"] != nil) == rules[1].createEventNamesAdditionalCreators)

            #expect(try await server.rooms.resolve(RoomAlias("#tea:test")!) == new)
            #expect(state["m.room.canonical_alias"]?.content["alias"] == "#tea:test")
            #expect(try await server.rooms.isListed(new))
            #expect(try await !server.rooms.isListed(old))

            let former = try await self.state(old, on: server)
            #expect(former["m.room.tombstone"]?.content["replacement_room"]?.stringValue == new.string)
            #expect(former["m.room.canonical_alias"]?.content == [:])
            #expect(former["m.room.power_levels"]?.content["events_default"] == 50)
            #expect(former["m.room.power_levels"]?.content["invite"] == 50)
            #expect(await refusal { try await server.say("still here?", as: users[1], in: old) } == .forbidden)
            for room in [old, new] {
                try await RoomHistory(room, of: server).verify()
                try await server.expectViewAgrees(room)
            }
            // Whoever upgraded can go on in the new room.
            try await set("m.room.name", "", ["name": "more tea"], in: new, by: alice, on: server)
        }
    }

    @Test("rule 36: creators leave the power levels when they stand above them")
    func creatorsLeaveThePowerLevels() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let old = try await server.room(of: users, version: .v11)
            let levels = try #require(try await state(old, on: server)["m.room.power_levels"]?.content)
            var changed = levels
            changed["users"] = [
                users[0].userID.string: 100, users[1].userID.string: 60,
            ]
            try await set("m.room.power_levels", "", changed, in: old, by: users[0], on: server)
            let new = try await server.rooms.upgrade(old, to: .v12, additionalCreators: [], by: users[0].userID)
            let moved = try await state(new, on: server)["m.room.power_levels"]?.content
            #expect(moved?["users"] == [users[1].userID.string: 60])
            #expect(moved?["events"]?["m.room.tombstone"] == 150)
        }
    }

    @Test("rule 36: tags, push rules and m.direct follow on join")
    func settingsFollow() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let bob = users[1]
            let old = try await server.room(of: users)
            let number = try await server.rooms.room(old).number
            func account(_ type: String, room: RoomNumber? = nil) async throws -> JSONObject {
                try JSONObject(parsing: try await server.accounts.accountData(type, of: bob.userID, room: room))
            }
            try await server.accounts.setAccountData(
                "m.tag", of: bob.userID, room: number, content: ["tags": ["m.favourite": [:]]])
            try await server.accounts.setAccountData(
                "m.direct", of: bob.userID, room: nil, content: [users[0].userID.string: [.string(old.string)]])
            let rule: JSONValue = [
                "rule_id": .string(old.string), "actions": [], "default": false, "enabled": true,
            ]
            try await server.accounts.setAccountData(
                "m.push_rules", of: bob.userID, room: nil, content: ["global": ["room": [rule]]])

            let new = try await server.rooms.upgrade(old, to: .v12, additionalCreators: [], by: users[0].userID)
            try await server.rooms.join(new, userID: bob.userID, reason: nil)
            let newNumber = try await server.rooms.room(new).number
            #expect(try await account("m.tag", room: newNumber) == ["tags": ["m.favourite": [:]]])
            #expect(
                try await account("m.direct") == [users[0].userID.string: [.string(old.string), .string(new.string)]])
            let rules = try await account("m.push_rules")["global"]?["room"]?.arrayValue
            #expect(rules?.compactMap { $0["rule_id"]?.stringValue } == [new.string, old.string])
        }
    }

    /// A room cannot take the settings of another by saying that it replaces it.
    @Test("rule 36: nothing follows into a room that the old one does not name")
    func nothingFollowsAFalseSuccessor() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "mallory")
            let old = try await server.room(of: [users[0]])
            let number = try await server.rooms.room(old).number
            try await server.accounts.setAccountData(
                "m.tag", of: users[0].userID, room: number, content: ["tags": ["m.favourite": [:]]])
            var creation = RoomCreation()
            creation.preset = .publicChat
            creation.creationContent = ["predecessor": ["room_id": .string(old.string)]]
            let pretender = try await server.rooms.create(creation, creator: users[1].userID)
            try await server.rooms.join(pretender, userID: users[0].userID, reason: nil)
            let falseNumber = try await server.rooms.room(pretender).number
            #expect(
                await refusal {
                    _ = try await server.accounts.accountData("m.tag", of: users[0].userID, room: falseNumber)
                } == .notFound)
        }
    }

    @Test("rule 36: only who may end the room upgrades it, and a refusal changes nothing")
    func onlyThePowerfulUpgrade() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let old = try await server.room(of: [users[0], users[1]])
            let count = try await RoomHistory(old, of: server).entries.count
            for user in users[1...] {
                #expect(
                    await refusal {
                        _ = try await server.rooms.upgrade(old, to: .v12, additionalCreators: [], by: user.userID)
                    } == .forbidden)
            }
            #expect(try await RoomHistory(old, of: server).entries.count == count)
            #expect(try await server.rooms.joinedRooms(of: users[1].userID) == [old])
        }
    }
}
