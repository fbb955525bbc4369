import CanonicalJSON
import MatrixAPI
import MatrixIdentifiers
import ServerUnderTest
import Testing

@Suite struct RoutesTests {
    @Test func anEmptyStateKeyMayLeaveATrailingSlash() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let state = "\(v3)/rooms/\(roomID)/state"
            #expect(await server.call("PUT", "\(state)/m.room.name/", as: alice, json: ["name": "tea"]).status == 200)
            for path in ["\(state)/m.room.name/", "\(state)/m.room.name"] {
                #expect(await server.call("GET", path, as: alice).json == ["name": "tea"])
            }
            #expect(await server.call("GET", "\(state)/m.room.name/x", as: alice).code == "M_NOT_FOUND")
            let event = await server.call("GET", "\(state)/m.room.name?format=event", as: alice)
            #expect(event.json["type"] == "m.room.name")
            #expect(event.json["room_id"]?.stringValue == roomID.string)
        }
    }

    @Test func pathsArePercentEncoded() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let room = "\(v3)/rooms/%21\(roomID.string.dropFirst())"
            let key = "a%2Fb%20%F0%9F%8D%B5%3F+"
            #expect(await server.call("PUT", "\(room)/state/x.y/\(key)", as: alice, json: ["v": 1]).status == 200)
            #expect(await server.call("GET", "\(room)/state/x.y/\(key)", as: alice).json == ["v": 1])
            let stored = try await server.rooms.room(roomID).read { $0.state["x.y", "a/b 🍵?+"]?.content }
            #expect(stored == ["v": 1])
            #expect(await server.call("GET", "\(room)/state/x.y/%zz", as: alice).status == 400)
            #expect(await server.call("GET", "\(room)/state/x.y/%ff", as: alice).status == 400)
        }
    }

    /// Rule 12.
    @Test func signUpAsksForItsStageAndSignsIn() async throws {
        try await TestServer.run { server throws in
            let first = await server.call(
                "POST", "\(v3)/register", json: ["username": "alice", "password": "12345678"])
            #expect(first.status == 401)
            #expect(first.json["flows"] == [["stages": ["m.login.dummy"]]])
            let done = await server.call(
                "POST", "\(v3)/register",
                json: ["auth": ["type": "m.login.dummy", "session": first.json["session"] ?? ""]])
            #expect(done.status == 200)
            #expect(done.json["user_id"] == "@alice:test")
            #expect(done.json["refresh_token"] == nil)
            let login: JSONObject = [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"],
                "password": "12345678", "device_id": "PHONE", "refresh_token": true,
            ]
            let signedIn = await server.call("POST", "\(v3)/login", json: login)
            #expect(signedIn.json["device_id"] == "PHONE")
            #expect(signedIn.json["refresh_token"]?.stringValue != nil)
            #expect(signedIn.json["expires_in_ms"]?.integerValue == 3_600_000)
            var wrong = login
            wrong["password"] = "wrong password"
            let refused = await server.call("POST", "\(v3)/login", json: wrong)
            #expect(refused.status == 403)
            #expect(refused.code == "M_FORBIDDEN")
            wrong["identifier"] = ["type": "m.id.user", "user": "nobody"]
            #expect(await server.call("POST", "\(v3)/login", json: wrong).text == refused.text)
            #expect(await server.call("POST", "\(v3)/login", json: ["type": "m.login.none"]).code == "M_UNKNOWN")
        }
    }

    @Test func closedServersTakeNobodyAndTokensMustBeRight() async throws {
        try await TestServer.run(registration: .closed) { server throws in
            let answer = await server.call("POST", "\(v3)/register", json: ["username": "a", "password": "12345678"])
            #expect(answer.status == 403)
        }
        try await TestServer.run(registration: .token("secret")) { server throws in
            func register(_ token: String) async -> Answer {
                await server.call(
                    "POST", "\(v3)/register",
                    json: [
                        "username": "alice", "password": "12345678", "inhibit_login": true,
                        "auth": ["type": "m.login.registration_token", "token": .string(token)],
                    ])
            }
            let refused = await register("guess")
            #expect(refused.status == 401)
            #expect(refused.json["session"] != nil)
            #expect(refused.code == "M_UNAUTHORIZED")
            let known = await register("secret")
            #expect(known.json["completed"] == ["m.login.registration_token"])
            let session = try #require(known.json["session"])
            let taken = await server.call(
                "POST", "\(v3)/register",
                json: [
                    "username": "alice", "password": "12345678", "inhibit_login": true,
                    "auth": ["type": "m.login.dummy", "session": session],
                ])
            #expect(taken.json == ["user_id": "@alice:test"])
        }
    }

    /// Rule 24.
    @Test func transactionIDsAreShownToTheirDeviceOnly() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let other = try await server.user("alice", device: "OTHER")
            let roomID = try await server.room(of: users)
            let sent = await server.call(
                "PUT", "\(v3)/rooms/\(roomID)/send/m.room.message/txn", as: users[0], json: ["body": "x"])
            let eventID = try #require(sent.json["event_id"]?.stringValue)
            for (user, expected) in [(users[0], "txn"), (other, nil), (users[1], nil)] as [(TestUser, String?)] {
                let event = try await server.sync(user).room(roomID)?.timeline.last
                #expect(event?["event_id"]?.stringValue == eventID)
                #expect(event?["unsigned"]?["transaction_id"]?.stringValue == expected)
                #expect(event?["unsigned"]?["membership"] == "join")
                #expect(event?["room_id"] == nil)
            }
        }
    }

    @Test func syncParametersAreChecked() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            for query in ["since=nonsense", "timeout=x", "full_state=maybe", "filter=%7B", "filter=%7B%22room%22:1%7D"]
            {
                #expect(await server.call("GET", "\(v3)/sync?\(query)", as: alice).status == 400, "\(query)")
            }
            #expect(await server.call("GET", "\(v3)/sync?filter=77", as: alice).status == 404)
            #expect(await server.call("GET", "\(v3)/sync?timeout=-5&since=s0", as: alice).status == 200)
            // A token from beyond the present, as after a backup was restored.
            let answer = await server.call("GET", "\(v3)/sync?since=s99999&timeout=0", as: alice)
            #expect(answer.status == 200)
            #expect(answer.json["next_batch"]?.stringValue != "s99999")
        }
    }

    @Test func othersDataIsNotTouched() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let bob = users[1].userID.string
            for (method, path) in [
                ("PUT", "user/\(bob)/account_data/x"), ("GET", "user/\(bob)/account_data/x"),
                ("POST", "user/\(bob)/filter"), ("PUT", "profile/\(bob)/displayname"),
            ] {
                let answer = await server.call(method, "\(v3)/\(path)", as: users[0], json: ["displayname": "x"])
                #expect(answer.status == 403, "\(method) \(path)")
            }
            for type in ["m.fully_read", "m.push_rules"] {
                let answer = await server.call(
                    "PUT", "\(v3)/user/\(users[0].userID)/account_data/\(type)", as: users[0], json: [:])
                #expect(answer.status == 405 && answer.code == "M_BAD_JSON", "\(type): \(answer.text)")
            }
        }
    }

    /// Rule 8: who does not ask for a refresh token could not use it, and is signed in for good.
    @Test(arguments: [nil, false, true]) func refreshTokensAreForThoseWhoAsk(asks: Bool?) async throws {
        try await TestServer.run { server throws in
            _ = try await server.accounts.createAccount(localpart: "alice", password: "12345678")
            var body: JSONObject = ["type": "m.login.password", "user": "alice", "password": "12345678"]
            body["refresh_token"] = asks.map { .bool($0) }
            let answer = await server.call("POST", "\(v3)/login", json: body)
            #expect(answer.json["access_token"]?.stringValue?.isEmpty == false)
            #expect((answer.json["refresh_token"] != nil) == (asks ?? false))
            #expect((answer.json["expires_in_ms"] != nil) == (asks ?? false))
        }
    }
}
