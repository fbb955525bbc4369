import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Testing

@Suite struct RoomCreationTests {
    /// Rule 35.
    @Test(arguments: [RoomVersionRules.v11, .v12].map(\.identifier))
    func theEventsComeInTheSpecificationsOrder(version: String) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            var creation = RoomCreation()
            creation.version = RoomVersionRules.named(version)
            creation.aliasLocalpart = "tea"
            creation.name = "Tea"
            creation.topic = "Leaves"
            creation.invitees = [users[1].userID]
            creation.isDirect = true
            creation.initialState = [
                .init(type: "m.room.history_visibility", stateKey: "", content: ["history_visibility": "joined"]),
                .init(type: "x.custom", stateKey: "k", content: [:]),
            ]
            let roomID = try await server.rooms.create(creation, creator: users[0].userID)
            let history = try await RoomHistory(roomID, of: server)
            #expect(
                history.types == [
                    "m.room.create", "m.room.member", "m.room.power_levels", "m.room.canonical_alias",
                    "m.room.join_rules", "m.room.guest_access", "m.room.history_visibility", "x.custom", "m.room.name",
                    "m.room.topic", "m.room.member",
                ])
            let create = history.entries[0]
            #expect(create.pdu.content["room_version"] == .string(version))
            #expect(create.pdu.content["creator"] == nil)
            #expect(history.entries.last?.pdu.content["is_direct"] == true)
            let levels = history.entries[2].pdu.content
            if version == "12" {
                #expect(roomID.string == "!" + create.pdu.eventID.string.dropFirst())
                #expect(create.json["room_id"] == nil)
                #expect(levels["users"] == [:])
                #expect(levels["events"]?["m.room.tombstone"] == 150)
            } else {
                #expect(roomID.string.hasSuffix(":test"))
                #expect(levels["users"] == [users[0].userID.string: 100] as JSONValue)
            }
            try history.verify()
            try await server.expectViewAgrees(roomID)
            #expect(try await server.rooms.resolve(RoomAlias("#tea:test")!) == roomID)
        }
    }

    @Test(arguments: [
        (RoomCreation.Preset.privateChat, "invite", "can_join"), (.trustedPrivateChat, "invite", "can_join"),
        (.publicChat, "public", "forbidden"),
    ])
    func presetsDecideWhoMayJoin(preset: RoomCreation.Preset, joinRule: String, guests: String) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            for rules in [RoomVersionRules.v11, .v12] {
                var creation = RoomCreation()
                creation.version = rules
                creation.preset = preset
                creation.invitees = [users[1].userID]
                server.clock.advance(milliseconds: 1)
                let roomID = try await server.rooms.create(creation, creator: users[0].userID)
                let state = try await server.rooms.room(roomID).read { $0.state }
                #expect(state["m.room.join_rules"]?.content == ["join_rule": .string(joinRule)])
                #expect(state["m.room.guest_access"]?.content == ["guest_access": .string(guests)])
                #expect(state["m.room.history_visibility"]?.content == ["history_visibility": "shared"])
                let isTrusted = preset == .trustedPrivateChat
                let trusted = users[1].userID.string
                let additional = state["m.room.create"]?.content["additional_creators"]
                #expect(additional == (isTrusted && rules == .v12 ? [.string(trusted)] : nil))
                let level = state["m.room.power_levels"]?.content["users"]?[trusted]
                #expect(level == (isTrusted && rules == .v11 ? 100 : nil))
                try await RoomHistory(roomID, of: server).verify()
            }
        }
    }

    /// Rule 35.
    @Test func aRoomIsMadeWholeOrNotAtAll() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            var creation = RoomCreation()
            creation.version = .v11
            creation.aliasLocalpart = "tea"
            creation.invitees = [users[1].userID, UserID("@nobody:test")!]
            let position = server.rooms.position
            #expect(
                await refusal { _ = try await server.rooms.create(creation, creator: users[0].userID) } == .notFound)
            #expect(server.rooms.position == position)
            #expect(try await server.rooms.joinedRooms(of: users[0].userID).isEmpty)
            #expect(await refusal { _ = try await server.rooms.resolve(RoomAlias("#tea:test")!) } == .notFound)
            #expect(try await server.sync(users[1]).json["rooms"] == nil)
            // The number of the room that came to nothing may be used again.
            creation.invitees = [users[1].userID]
            let roomID = try await server.rooms.create(creation, creator: users[0].userID)
            try await RoomHistory(roomID, of: server).verify()
            try await server.expectViewAgrees(roomID)
            #expect(
                await refusal { _ = try await server.rooms.create(creation, creator: users[0].userID) } == .roomInUse)
        }
    }

    /// Rule 35.
    @Test func powerLevelsMayBeOverridden() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            var creation = RoomCreation()
            creation.powerLevelOverride = ["events_default": 10, "invite": 70]
            let roomID = try await server.rooms.create(creation, creator: alice.userID)
            let content = try await server.rooms.room(roomID).read { $0.state["m.room.power_levels"]?.content }
            #expect(content?["events_default"] == 10)
            #expect(content?["invite"] == 70)
            #expect(content?["ban"] == 50)
        }
    }
}
