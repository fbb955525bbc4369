import CanonicalJSON
import MatrixIdentifiers
import Rules
import ServerUnderTest
import Testing

/// Cross-signing: rules 14, 83 and 86.
@Suite struct CrossSigningTests {
    private func query(_ users: TestUser..., on server: TestServer, as viewer: TestUser) async -> JSONObject {
        await server.call(
            "POST", "keys/query", as: viewer,
            ["device_keys": .object(JSONObject(members: users.map { ($0.userID.string, []) }))]
        ).json
    }

    private func upload(
        _ target: UserID, _ name: String, _ key: JSONObject, on server: TestServer, as user: TestUser
    ) async -> JSONObject? {
        let answer = await server.call(
            "POST", "keys/signatures/upload", as: user,
            JSONObject(members: [(target.string, .object(JSONObject(members: [(name, .object(key))])))]))
        #expect(answer.status == 200)
        return answer.json["failures"]?.objectValue
    }

    @Test("rule 14: the first keys and the same again need no password; others do")
    func onlyReplacingNeedsAuthentication() async throws {
        try await TestServer.run { server throws in
            let userID = try await server.accounts.register(localpart: "alice", password: "correct horse")
            let alice = try await server.user("alice")
            let keys = TestCrossSigning(userID: userID)
            let path = "keys/device_signing/upload"
            for _ in 0..<2 { #expect(await server.call("POST", path, as: alice, keys.upload).status == 200) }
            let part: JSONObject = ["master_key": .object(keys.masterJSON)]
            #expect(await server.call("POST", path, as: alice, part).status == 200)

            let next = TestCrossSigning(userID: userID)
            for body in [
                next.upload,
                [
                    "self_signing_key": .object(
                        keys.json(next.selfSigning, usage: "self_signing", signedBy: keys.master))
                ],
            ] as [JSONObject] {
                let challenge = await server.call("POST", path, as: alice, body)
                #expect(challenge.status == 401)
                #expect(challenge.json["flows"] != nil)
                #expect(
                    await query(alice, on: server, as: alice).at("master_keys", userID.string)?["keys"]
                        == keys.masterJSON["keys"])
            }
            var body = next.upload
            let session = try #require(await server.call("POST", path, as: alice, body).json["session"])
            func auth(_ password: String) -> JSONValue {
                [
                    "type": "m.login.password", "session": session, "password": .string(password),
                    "identifier": ["type": "m.id.user", "user": "alice"],
                ]
            }
            body["auth"] = auth("wrong password")
            #expect(await server.call("POST", path, as: alice, body).status == 401)
            body["auth"] = auth("correct horse")
            #expect(await server.call("POST", path, as: alice, body).status == 200)
            #expect(
                await query(alice, on: server, as: alice).at("master_keys", userID.string)?["keys"]
                    == next.masterJSON["keys"])
        }
    }

    @Test("keys that the master key has not signed, or that have the name of a device, are refused")
    func badKeysAreRefused() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let keys = TestCrossSigning(userID: alice.userID)
            let path = "keys/device_signing/upload"
            var unsigned = keys.upload
            unsigned["self_signing_key"] = .object(keys.json(keys.selfSigning, usage: "self_signing"))
            #expect(await server.call("POST", path, as: alice, unsigned).code == "M_INVALID_SIGNATURE")
            var foreign = keys.upload
            foreign["user_signing_key"] = .object(
                keys.json(keys.userSigning, usage: "user_signing", signedBy: keys.selfSigning))
            #expect(await server.call("POST", path, as: alice, foreign).code == "M_INVALID_SIGNATURE")
            var orphan = keys.upload
            orphan["master_key"] = nil
            #expect(await server.call("POST", path, as: alice, orphan).code == "M_MISSING_PARAM")
            var wrong = keys.upload
            wrong["master_key"] = .object(keys.json(keys.master, usage: "self_signing"))
            #expect(await server.call("POST", path, as: alice, wrong).status == 400)
            _ = try await server.user("alice", device: TestCrossSigning.name(keys.master))
            #expect(await server.call("POST", path, as: alice, keys.upload).code == "M_FORBIDDEN")
            #expect(await query(alice, on: server, as: alice).at("master_keys")?.objectValue?.isEmpty == true)
        }
    }

    @Test("rule 83: a device signed by the self-signing key, the master key signed by a device")
    func ownSignaturesAreAdded() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let alice = users[0]
            let device = TestKeys(user: alice)
            let keys = TestCrossSigning(userID: alice.userID)
            await server.call("POST", "keys/upload", as: alice, ["device_keys": .object(device.deviceKeys())])
            await server.call("POST", "keys/device_signing/upload", as: alice, keys.upload)

            let signedDevice = sign(device.deviceKeys(), with: keys.selfSigning, userID: alice.userID)
            #expect(await upload(alice.userID, alice.deviceID, signedDevice, on: server, as: alice) == [:])
            let master = TestCrossSigning.name(keys.master)
            let signedMaster = sign(
                keys.masterJSON, with: device.signingKey, userID: alice.userID, name: alice.deviceID)
            #expect(await upload(alice.userID, master, signedMaster, on: server, as: alice) == [:])

            let seen = await query(alice, on: server, as: users[1])
            let selfSigning = TestCrossSigning.name(keys.selfSigning)
            #expect(
                seen.at("device_keys", "@alice:test", alice.deviceID)?["signatures"]?["@alice:test"]?[
                    "ed25519:\(selfSigning)"] != nil)
            #expect(
                seen.at("master_keys", "@alice:test")?["signatures"]?["@alice:test"]?[
                    "ed25519:\(alice.deviceID)"] != nil)
            // What is signed goes on to hold when the client publishes the same keys again, and not other ones.
            await server.call(
                "POST", "keys/upload", as: alice,
                ["device_keys": .object(device.deviceKeys(algorithms: ["m.other"]))])
            let later = await query(alice, on: server, as: users[1])
            #expect(
                later.at("device_keys", "@alice:test", alice.deviceID)?["signatures"]?["@alice:test"]?[
                    "ed25519:\(selfSigning)"] == nil)
        }
    }

    @Test("rules 83 and 86: signatures by a user-signing key are its owner's to see, and so is that key")
    func verifiedUsersStayPrivate() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let keys = users.map { TestCrossSigning(userID: $0.userID) }
            for (user, keys) in zip(users, keys) {
                await server.call("POST", "keys/device_signing/upload", as: user, keys.upload)
            }
            let master = TestCrossSigning.name(keys[1].master)
            let signed = sign(keys[1].masterJSON, with: keys[0].userSigning, userID: users[0].userID)
            #expect(await upload(users[1].userID, master, signed, on: server, as: users[0]) == [:])
            let name = "ed25519:\(TestCrossSigning.name(keys[0].userSigning))"
            for (viewer, isSeen) in [(users[0], true), (users[1], false), (users[2], false)] {
                let answer = await query(users[0], users[1], on: server, as: viewer)
                let signature = answer.at("master_keys", "@bob:test")?["signatures"]?["@alice:test"]?[name]
                #expect((signature != nil) == isSeen)
                #expect((answer.at("user_signing_keys", "@alice:test") != nil) == isSeen)
                #expect(answer.at("self_signing_keys", "@alice:test") != nil)
            }
            // A new user-signing key takes the signatures of the old one away.
            let next = TestCrossSigning(userID: users[0].userID)
            let challenge: JSONObject = [
                "user_signing_key": .object(
                    keys[0].json(next.userSigning, usage: "user_signing", signedBy: keys[0].master))
            ]
            #expect(await server.call("POST", "keys/device_signing/upload", as: users[0], challenge).status == 401)
        }
    }

    @Test("rule 83: each signature that may not be, or does not hold, is a failure of its own")
    func badSignaturesFailOneByOne() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let keys = users.map { TestCrossSigning(userID: $0.userID) }
            let bobs = TestKeys(user: users[1])
            for (user, keys) in zip(users, keys) {
                await server.call("POST", "keys/device_signing/upload", as: user, keys.upload)
            }
            await server.call("POST", "keys/upload", as: users[1], ["device_keys": .object(bobs.deviceKeys())])
            let (alice, bob) = (users[0].userID, users[1].userID)
            let master = TestCrossSigning.name(keys[1].master)
            func failure(_ target: UserID, _ name: String, _ key: JSONObject) async -> String? {
                await upload(target, name, key, on: server, as: users[0])?.at(target.string, name)?["errcode"]?
                    .stringValue
            }
            // Another's device; another's master key by the wrong key; a key that is not there; other contents.
            let device = sign(bobs.deviceKeys(), with: keys[0].userSigning, userID: alice)
            #expect(await failure(bob, users[1].deviceID, device) == "M_INVALID_SIGNATURE")
            let wrong = sign(keys[1].masterJSON, with: keys[0].selfSigning, userID: alice)
            #expect(await failure(bob, master, wrong) == "M_INVALID_SIGNATURE")
            let unsigned = keys[1].masterJSON
            #expect(await failure(bob, master, unsigned) == "M_INVALID_SIGNATURE")
            #expect(await failure(bob, "nothing", wrong) == "M_NOT_FOUND")
            var other = keys[1].masterJSON
            other["usage"] = ["master", "more"]
            let signedOther = sign(other, with: keys[0].userSigning, userID: alice)
            #expect(await failure(bob, master, signedOther) == "M_INVALID_PARAM")
            // A signature of something else under the right name.
            var forged = keys[1].masterJSON
            forged["signatures"] = signedOther["signatures"]
            #expect(await failure(bob, master, forged) == "M_INVALID_SIGNATURE")
            let seen = await query(users[1], on: server, as: users[0])
            #expect(seen.at("master_keys", bob.string)?["signatures"] == nil)
        }
    }
}
