import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// Rooms that are encrypted: rules 90 and 91.
@Suite struct EncryptedRoomTests {
    private func encryption(of roomID: String, on server: TestServer, as user: TestUser) async -> Answer {
        await server.call("GET", "rooms/\(roomID.replacing("!", with: "%21"))/state/m.room.encryption", as: user)
    }

    @Test("rule 90: where the operator says so, private rooms are encrypted unless their maker says otherwise")
    func presetsMayEncrypt() async throws {
        for isOn in [false, true] {
            try await TestServer.run(encryptsPrivateRooms: isOn) { server throws in
                let alice = try await server.user("alice")
                for (preset, isEncrypted) in [
                    ("private_chat", isOn), ("trusted_private_chat", isOn), ("public_chat", false),
                ] {
                    let room = await server.call("POST", "createRoom", as: alice, ["preset": .string(preset)])
                    let roomID = try #require(room.json["room_id"]?.stringValue)
                    let state = await encryption(of: roomID, on: server, as: alice)
                    #expect(state.json["algorithm"] == (isEncrypted ? "m.megolm.v1.aes-sha2" : nil))
                    server.clock.advance(milliseconds: 1)
                }
                let own = await server.call(
                    "POST", "createRoom", as: alice,
                    ["initial_state": [["type": "m.room.encryption", "content": ["algorithm": "m.other"]]]])
                let roomID = try #require(own.json["room_id"]?.stringValue)
                #expect(await encryption(of: roomID, on: server, as: alice).json["algorithm"] == "m.other")
            }
        }
    }

    @Test("rule 90: and encryption cannot be taken away there") func encryptionStays() async throws {
        try await TestServer.run(encryptsPrivateRooms: true) { server throws in
            let alice = try await server.user("alice")
            let room = await server.call("POST", "createRoom", as: alice, [:])
            let roomID = try #require(room.json["room_id"]?.stringValue).replacing("!", with: "%21")
            let path = "rooms/\(roomID)/state/m.room.encryption"
            for content in [[:], ["algorithm": ""], ["algorithm": 7]] as [JSONObject] {
                #expect(await server.call("PUT", path, as: alice, content).code == "M_FORBIDDEN")
            }
            let rotation: JSONObject = ["algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 10]
            #expect(await server.call("PUT", path, as: alice, rotation).status == 200)
        }
    }

    @Test("rule 91: an encrypted event counts as a message that is not read") func encryptedEventsCount() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await server.encrypt(roomID, by: users[0])
            let before = try await server.sync(users[1])
            let count = try #require(before.room(roomID)?.notificationCount)
            _ = try await server.rooms.send(
                "m.room.encrypted", content: ["algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"], to: roomID,
                transactionID: "t", sender: users[0].sender)
            let after = try await server.sync(users[1], since: before.nextBatch)
            #expect(after.room(roomID)?.notificationCount == count + 1)
        }
    }
}
