import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// Publishing, querying and claiming keys: rules 9, 10, 80, 81, 82, 86, 88 and 92.
@Suite struct KeysTests {
    private func claim(
        _ target: TestUser, on server: TestServer, as user: TestUser, algorithm: String = "signed_curve25519"
    ) async -> JSONObject? {
        let answer = await server.call(
            "POST", "keys/claim", as: user,
            [
                "one_time_keys": .object(
                    JSONObject(members: [
                        (
                            target.userID.string,
                            .object(JSONObject(members: [(target.deviceID, .string(algorithm))]))
                        )
                    ]))
            ])
        return answer.json.at("one_time_keys", target.userID.string, target.deviceID)?.objectValue
    }

    private func query(_ target: UserID, on server: TestServer, as user: TestUser, device: String? = nil) async
        -> JSONObject
    {
        let devices = JSONValue.array(device.map { [.string($0)] } ?? [])
        return await server.call(
            "POST", "keys/query", as: user,
            ["device_keys": .object(JSONObject(members: [(target.string, devices)]))]
        ).json
    }

    @Test("rule 80: one-time keys are claimed once, in the order of uploads, also at the same time")
    func oneTimeKeysAreClaimedOnceInOrder() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            // The names would come in another order.
            for numbers in [5...6, 1...2, 9...10, 3...4] {
                await server.call(
                    "POST", "keys/upload", as: users[1], ["one_time_keys": .object(TestKeys.oneTimeKeys(numbers))])
            }
            let claimed = try await server.inOneBatch(
                (0..<8).map { _ in { await claim(users[1], on: server, as: users[0]) } })
            let names = try claimed.map { try #require(try $0.get()?.keys.first { _ in true }) }
            #expect(Set(names).count == 8)
            let waves = [5, 6, 1, 2, 9, 10, 3, 4].map { "signed_curve25519:K\($0)" }
            for wave in stride(from: 0, to: 8, by: 2) {
                #expect(Set(names[wave...(wave + 1)]) == Set(waves[wave...(wave + 1)]))
            }
            #expect(await claim(users[1], on: server, as: users[0]) == nil)
        }
    }

    @Test("rule 80: a fallback key is given when there is no other, is marked used, and comes again")
    func fallbackKeysAreUsedLast() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let body: JSONObject = [
                "one_time_keys": .object(TestKeys.oneTimeKeys(1...1)),
                "fallback_keys": .object(TestKeys.fallbackKey("F1")),
            ]
            #expect(await server.call("POST", "keys/upload", as: users[1], body).status == 200)
            func unused() async throws -> JSONValue? {
                try await server.sync(users[1]).json["device_unused_fallback_key_types"]
            }
            #expect(try await unused() == ["signed_curve25519"])
            #expect(await claim(users[1], on: server, as: users[0])?["signed_curve25519:K1"] != nil)
            #expect(try await unused() == ["signed_curve25519"])
            for _ in 0..<2 {
                #expect(await claim(users[1], on: server, as: users[0])?["signed_curve25519:F1"] != nil)
            }
            #expect(try await unused() == [])
            // The same key again stays used; another is not.
            await server.call(
                "POST", "keys/upload", as: users[1], ["fallback_keys": .object(TestKeys.fallbackKey("F1"))])
            #expect(try await unused() == [])
            await server.call(
                "POST", "keys/upload", as: users[1], ["fallback_keys": .object(TestKeys.fallbackKey("F2"))])
            #expect(
                try await server.afterRestart { try await $0.sync(users[1]) }.json.at(
                    "device_unused_fallback_key_types") == ["signed_curve25519"])
        }
    }

    @Test("rule 80: an upload that is repeated does not bring claimed keys back, and another key is refused")
    func claimedKeysDoNotComeBack() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let upload: JSONObject = ["one_time_keys": .object(TestKeys.oneTimeKeys(1...2))]
            await server.call("POST", "keys/upload", as: users[1], upload)
            let again = await server.call("POST", "keys/upload", as: users[1], upload)
            #expect(again.json.at("one_time_key_counts", "signed_curve25519") == 2)
            #expect(await claim(users[1], on: server, as: users[0]) != nil)
            let late = await server.call("POST", "keys/upload", as: users[1], upload)
            #expect(late.json.at("one_time_key_counts", "signed_curve25519") == 1)
            let other: JSONObject = ["one_time_keys": .object(TestKeys.oneTimeKeys(2...3, salt: "x"))]
            #expect(await server.call("POST", "keys/upload", as: users[1], other).code == "M_INVALID_PARAM")
            let after = await server.call("POST", "keys/upload", as: users[1], [:])
            #expect(after.json.at("one_time_key_counts", "signed_curve25519") == 1)
        }
    }

    @Test("rule 81: counts stand in every sync, zero too, and follow every change")
    func countsStandInEverySync() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            var since: String?
            func count() async throws -> Int64? {
                let answer = try await server.sync(users[1], since: since)
                since = answer.nextBatch
                return answer.json.at("device_one_time_keys_count", "signed_curve25519")?.integerValue
            }
            #expect(try await count() == 0)
            let upload = await server.call(
                "POST", "keys/upload", as: users[1], ["one_time_keys": .object(TestKeys.oneTimeKeys(1...3))])
            #expect(upload.json.at("one_time_key_counts", "signed_curve25519") == 3)
            #expect(try await count() == 3)
            #expect(await claim(users[1], on: server, as: users[0]) != nil)
            #expect(try await count() == 2)
            for _ in 0..<2 { _ = await claim(users[1], on: server, as: users[0]) }
            #expect(try await count() == 0)
        }
    }

    @Test("rule 82: a device keeps its identity, and names itself")
    func identitiesDoNotChange() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let keys = TestKeys(user: users[0])
            let upload: JSONObject = ["device_keys": .object(keys.deviceKeys())]
            for _ in 0..<2 { #expect(await server.call("POST", "keys/upload", as: users[0], upload).status == 200) }
            let renewed: JSONObject = ["device_keys": .object(keys.deviceKeys(algorithms: ["m.other"]))]
            #expect(await server.call("POST", "keys/upload", as: users[0], renewed).status == 200)
            let stranger: JSONObject = ["device_keys": .object(TestKeys(user: users[0]).deviceKeys())]
            #expect(await server.call("POST", "keys/upload", as: users[0], stranger).status == 400)
            for other in [users[1], try await server.user("alice", device: "OTHER")] {
                #expect(await server.call("POST", "keys/upload", as: other, upload).code == "M_INVALID_PARAM")
            }
            let stored = await query(users[0].userID, on: server, as: users[1])
                .at("device_keys", users[0].userID.string, users[0].deviceID)
            #expect(stored?["algorithms"] == ["m.other"])
            #expect(stored?["keys"]?["ed25519:\(users[0].deviceID)"] == .string(keys.publicKey))
        }
    }

    @Test("rules 86 and 92: anybody may query anybody; names are shown; unknown servers are failures")
    func queriesShowWhatIsThere() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let named = try await server.user("alice", device: "NAMED")
            try await server.accounts.renameDevice("NAMED", of: named.userID, to: "phone")
            for user in [users[0], named] {
                await server.call(
                    "POST", "keys/upload", as: user,
                    ["device_keys": .object(TestKeys(user: user).deviceKeys())])
            }
            let all = await query(users[0].userID, on: server, as: users[1])
            let devices = all.at("device_keys", users[0].userID.string)?.objectValue
            #expect(Set(devices?.keys.map { $0 } ?? []) == [users[0].deviceID, "NAMED"])
            #expect(devices?.at("NAMED", "unsigned", "device_display_name") == "phone")
            let one = await query(users[0].userID, on: server, as: users[1], device: "NAMED")
            #expect(one.at("device_keys", users[0].userID.string)?.objectValue?.count == 1)
            let remote = await query(UserID("@carol:elsewhere")!, on: server, as: users[1])
            #expect(remote.at("failures", "elsewhere") != nil)
            let nobody = await query(UserID("@nobody:test")!, on: server, as: users[1])
            #expect(nobody.at("device_keys")?.objectValue?.isEmpty == true)
            #expect(nobody.at("failures")?.objectValue?.isEmpty == true)
        }
    }

    @Test("rules 9, 10 and 88: keys stay at a new sign-in on the device and go with the device")
    func keysLiveAsLongAsTheDevice() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice", device: "PHONE")
            let bob = try await server.user("bob")
            await server.call(
                "POST", "keys/upload", as: alice,
                [
                    "device_keys": .object(TestKeys(user: alice).deviceKeys()),
                    "one_time_keys": .object(TestKeys.oneTimeKeys(1...2)),
                    "fallback_keys": .object(TestKeys.fallbackKey("F")),
                ])
            let again = try await server.user("alice", device: "PHONE")
            #expect(try await server.endToEnd.oneTimeKeyCounts(of: again.device)["signed_curve25519"] == 2)
            #expect(await query(alice.userID, on: server, as: bob).at("device_keys", "@alice:test", "PHONE") != nil)
            try await server.accounts.deleteDevices(["PHONE"], of: alice.userID)
            #expect(await query(alice.userID, on: server, as: bob).at("device_keys", "@alice:test", "PHONE") == nil)
            #expect(await claim(alice, on: server, as: bob) == nil)
            let new = try await server.user("alice", device: "PHONE")
            #expect(try await server.endToEnd.oneTimeKeyCounts(of: new.device)["signed_curve25519"] == 0)
            #expect(try await server.endToEnd.unusedFallbackKeyTypes(of: new.device) == [])
            // A new device of the old name may have another identity.
            let keys = await server.call(
                "POST", "keys/upload", as: new, ["device_keys": .object(TestKeys(user: new).deviceKeys())])
            #expect(keys.status == 200)
        }
    }

    @Test(
        "what cannot be a key is refused and changes nothing",
        arguments: [
            ["one_time_keys": ["nocolon": "x"]], ["one_time_keys": ["a:b": 7]], ["one_time_keys": ["a:b": [:]]],
            ["one_time_keys": ["a:\u{e9}": "x"]], ["fallback_keys": ["a:b": "x", "a:c": "y"]],
            ["device_keys": ["user_id": "@alice:test"]], ["one_time_keys": ["a:b": "x"], "device_keys": 7],
        ] as [JSONObject])
    func badKeysAreRefused(_ body: JSONObject) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            #expect(await server.call("POST", "keys/upload", as: alice, body).status == 400)
            #expect(try await server.endToEnd.oneTimeKeyCounts(of: alice.device) == ["signed_curve25519": 0])
        }
    }

    @Test("a device's one-time keys are bounded") func oneTimeKeysAreBounded() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let upload: JSONObject = ["one_time_keys": .object(TestKeys.oneTimeKeys(1...1_001))]
            #expect(await server.call("POST", "keys/upload", as: alice, upload).status == 413)
            #expect(try await server.endToEnd.oneTimeKeyCounts(of: alice.device)["signed_curve25519"] == 0)
        }
    }
}
