import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// Dehydrated devices: rule 88.
@Suite struct DehydratedDeviceTests {
    private let path = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"

    private func body(_ user: TestUser, _ deviceID: String) -> JSONObject {
        [
            "device_id": .string(deviceID),
            "device_data": ["algorithm": "org.matrix.msc3814.v2", "device_pickle": "secret"],
            "initial_device_display_name": "dehydrated",
            "device_keys": .object(TestKeys(userID: user.userID, deviceID: deviceID).deviceKeys()),
            "one_time_keys": .object(TestKeys.oneTimeKeys(1...1)),
            "fallback_keys": .object(TestKeys.fallbackKey("F")),
        ]
    }

    @Test("rule 88: it has keys, is claimed from, receives messages in batches, and keeps them")
    func itReceivesForItsUser() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let alice = users[0]
            #expect(await server.call("GET", path, as: alice).code == "M_NOT_FOUND")
            #expect(await server.call("PUT", path, as: alice, body(alice, "DRY")).json == ["device_id": "DRY"])
            let kept = await server.call("GET", path, as: alice).json
            #expect(kept["device_id"] == "DRY")
            #expect(kept["device_data"]?["device_pickle"] == "secret")

            let claim: JSONObject = ["one_time_keys": ["@alice:test": ["DRY": "signed_curve25519"]]]
            for name in ["K1", "F", "F"] {
                let answer = await server.call("POST", "keys/claim", as: users[1], claim).json
                #expect(answer.at("one_time_keys", "@alice:test", "DRY", "signed_curve25519:\(name)") != nil)
            }
            for number in 1...3 { try await server.send(Int64(number), from: users[1], to: alice, device: "DRY") }
            var token: JSONValue?
            var received: [Int64] = []
            for method in ["POST", "GET", "POST"] {
                var query = "?limit=2"
                var json: JSONObject?
                if let token, method == "GET" { query += "&next_batch=\(token.stringValue ?? "")" }
                if method == "POST" { json = token.map { ["next_batch": $0] } ?? [:] }
                let answer = await server.call(method, "\(path)/DRY/events\(query)", as: alice, json)
                received += answer.json["events"]?.arrayValue?.compactMap { $0["content"]?["n"]?.integerValue } ?? []
                token = answer.json["next_batch"]
            }
            #expect(received == [1, 2, 3])
            let again = await server.call("POST", "\(path)/DRY/events", as: alice, [:])
            #expect(again.json["events"]?.arrayValue?.count == 3)
            #expect(await server.call("POST", "\(path)/OTHER/events", as: alice, [:]).code == "M_FORBIDDEN")
            #expect(await server.call("POST", "\(path)/DRY/events", as: users[1], [:]).code == "M_FORBIDDEN")
        }
    }

    @Test("a new one takes the old one's place, deleting says which is gone, and others hear of both")
    func thereIsOneAtATime() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            _ = try await server.room(of: users)
            let alice = users[0]
            for name in ["DRY", "DRIER", "DRIER"] {
                let token = try await server.sync(users[1]).nextBatch
                #expect(await server.call("PUT", path, as: alice, body(alice, name)).status == 200)
                #expect(try await server.deviceLists(users[1], since: token).changed == ["@alice:test"])
            }
            let query: JSONObject = ["device_keys": ["@alice:test": []]]
            let devices = await server.call("POST", "keys/query", as: users[1], query)
            #expect(devices.json.at("device_keys", "@alice:test")?.objectValue?.keys.map { $0 } == ["DRIER"])
            #expect(await server.call("DELETE", path, as: alice).json == ["device_id": "DRIER"])
            #expect(await server.call("DELETE", path, as: alice).status == 404)
            // A device that is signed in is not to be replaced.
            #expect(await server.call("PUT", path, as: alice, body(alice, alice.deviceID)).code == "M_FORBIDDEN")
            var keyless = body(alice, "DRY")
            keyless["device_keys"] = nil
            #expect(await server.call("PUT", path, as: alice, keyless).status == 400)
        }
    }
}
