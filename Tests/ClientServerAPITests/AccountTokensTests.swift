import CanonicalJSON
import ServerUnderTest
import Testing

/// Tokens for signing in, for other services and for signing up.
@Suite struct AccountTokensTests {
    private let v1 = "/_matrix/client/v1"

    @Test func aLoginTokenSignsInOnce() async throws {
        try await TestServer.run { server throws in
            let userID = try await server.accounts.createAccount(localpart: "alice", password: "12345678")
            let alice = try await server.user("alice")
            let auth: JSONValue = ["type": "m.login.password", "user": "alice", "password": "12345678"]
            #expect(await server.call("POST", "\(v1)/login/get_token", as: alice, json: [:]).status == 401)
            let issued = await server.call("POST", "\(v1)/login/get_token", as: alice, json: ["auth": auth])
            #expect(issued.status == 200, "\(issued.text)")
            #expect(issued.json["expires_in_ms"] == 120_000)
            let login: JSONObject = ["type": "m.login.token", "token": issued.json["login_token"] ?? ""]
            let signedIn = await server.call("POST", "\(v3)/login", json: login)
            #expect(signedIn.json["user_id"]?.stringValue == userID.string)
            let again = await server.call("POST", "\(v3)/login", json: login)
            #expect(again.status == 403 && again.code == "M_FORBIDDEN")
            let late = try await server.accounts.issueLoginToken(for: userID)
            server.clock.advance(milliseconds: 120_000)
            #expect(
                await server.call("POST", "\(v3)/login", json: ["type": "m.login.token", "token": .string(late)]).status
                    == 403)
            let flows = await server.call("GET", "\(v3)/login").json["flows"]?.arrayValue ?? []
            #expect(flows.first == ["type": "m.login.password"])
            #expect(flows.contains(["type": "m.login.token", "get_login_token": true]))
        }
    }

    /// Rule 19.
    @Test func anOpenIDTokenTellsWhoSomebodyIsAndNothingElse() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let path = "\(v3)/user/\(users[0].userID)/openid/request_token"
            let issued = await server.call("POST", path, as: users[0], json: [:])
            #expect(issued.json["token_type"] == "Bearer")
            #expect(issued.json["matrix_server_name"] == "test")
            #expect(issued.json["expires_in"] == 3600)
            let token = try #require(issued.json["access_token"]?.stringValue)
            let info = "/_matrix/federation/v1/openid/userinfo?access_token="
            #expect(await server.call("GET", info + token).json == ["sub": "@alice:test"])
            #expect(await server.call("GET", "\(v3)/account/whoami", token: token).status == 401)
            #expect(await server.call("POST", path, as: users[1], json: [:]).status == 403)
            #expect(await server.call("GET", info + users[0].accessToken).code == "M_UNKNOWN_TOKEN")
            server.clock.advance(milliseconds: 3_600_000)
            let expired = await server.call("GET", info + token)
            #expect(expired.status == 401 && expired.code == "M_UNKNOWN_TOKEN")
        }
    }

    @Test func registrationTokensHaveUsesAndAnEnd() async throws {
        try await TestServer.run(registration: .token("configured")) { server throws in
            let once = try await server.accounts.createRegistrationToken("once", usesAllowed: 1)
            _ = try await server.accounts.createRegistrationToken(
                "brief", expiresAt: server.environment.timestamp + 1_000)
            func isValid(_ token: String) async -> Bool? {
                let path = "\(v1)/register/m.login.registration_token/validity?token=\(token)"
                return await server.call("GET", path).json["valid"]?.boolValue
            }
            for token in ["configured", "once", "brief"] { #expect(await isValid(token) == true) }
            #expect(await isValid("other") == false)
            func register(_ name: String, _ token: String) async -> Int {
                let body: JSONObject = ["username": .string(name), "password": "12345678", "inhibit_login": true]
                var first = body
                first["auth"] = ["type": "m.login.registration_token", "token": .string(token)]
                let session = await server.call("POST", "\(v3)/register", json: first).json["session"] ?? ""
                var second = body
                second["auth"] = ["type": "m.login.dummy", "session": session]
                return await server.call("POST", "\(v3)/register", json: second).status
            }
            #expect(await register("alice", "once") == 200)
            #expect(await isValid("once") == false)
            #expect(await register("bob", "once") == 401)
            #expect(await register("bob", "configured") == 200)
            #expect(try await server.accounts.registrationToken(once.token).completedCount == 1)
            let more = try await server.accounts.updateRegistrationToken("once") { $0.usesAllowed = 2 }
            #expect(more.usesAllowed == 2)
            #expect(await isValid("once") == true)
            server.clock.advance(milliseconds: 1_000)
            #expect(await isValid("brief") == false)
            try await server.accounts.deleteRegistrationToken("once")
            #expect(await isValid("once") == false)
            await #expect(throws: (any Error).self) { try await server.accounts.deleteRegistrationToken("once") }
            await #expect(throws: (any Error).self) { try await server.accounts.createRegistrationToken("ü") }
        }
    }

    @Test func newcomersAgreeToTheTermsThatThereAre() async throws {
        let terms = "https://example.org/terms"
        try await TestServer.run(terms: .init(version: "1", url: terms)) { server throws in
            let asked = await server.call("POST", "\(v3)/register", json: ["username": "a", "password": "12345678"])
            #expect(asked.json["flows"] == [["stages": ["m.login.terms", "m.login.dummy"]]])
            let policy = asked.json["params"]?["m.login.terms"]?["policies"]?["terms_of_use"]
            #expect(policy?["en"]?["url"]?.stringValue == terms)
        }
    }

    /// With no token in the configuration, those that administrators have made are the only ones.
    @Test func administratorsTokensAreEnough() async throws {
        try await TestServer.run(registration: .token(nil)) { server throws in
            _ = try await server.accounts.createRegistrationToken("made")
            func register(_ token: String) async -> Answer {
                let body: JSONObject = [
                    "username": "alice", "password": "12345678", "inhibit_login": true,
                    "auth": ["type": "m.login.registration_token", "token": .string(token)],
                ]
                let asked = await server.call("POST", "\(v3)/register", json: body)
                guard let session = asked.json["session"] else { return asked }
                var next = body
                next["auth"] = ["type": "m.login.dummy", "session": session]
                return await server.call("POST", "\(v3)/register", json: next)
            }
            let asked = await server.call("POST", "\(v3)/register", json: ["username": "alice"])
            #expect(asked.json["flows"] == [["stages": ["m.login.registration_token", "m.login.dummy"]]])
            for wrong in ["", "other"] { #expect(await register(wrong).status == 401) }
            #expect(await register("made").status == 200)
        }
    }
}
