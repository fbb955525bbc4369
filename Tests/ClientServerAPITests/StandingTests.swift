import CanonicalJSON
import ServerUnderTest
import Testing

/// Rule 15: locked and suspended accounts.
@Suite struct StandingTests {
    /// Rule 15.
    @Test func aLockedUserMayOnlySignOut() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let alice = users[0]
            #expect(await server.call("GET", "\(v3)/account/whoami", as: alice).status == 200)
            try await server.accounts.setLocked(true, alice.userID)
            for (method, path) in [
                ("GET", "account/whoami"), ("GET", "sync"), ("PUT", "rooms/\(roomID)/send/m.room.message/1"),
                ("GET", "devices"), ("POST", "account/deactivate"),
            ] {
                let answer = await server.call(method, "\(v3)/\(path)", as: alice, json: ["body": "x"])
                #expect(answer.status == 401, "\(path)")
                #expect(answer.code == "M_USER_LOCKED")
                #expect(answer.json["soft_logout"] == true)
            }
            #expect(await server.call("GET", "\(v3)/account/whoami", as: users[1]).status == 200)
            // The token has stayed valid.
            try await server.accounts.setLocked(false, alice.userID)
            #expect(await server.call("GET", "\(v3)/account/whoami", as: alice).status == 200)
            try await server.accounts.setLocked(true, alice.userID)
            #expect(await server.call("POST", "\(v3)/logout", as: alice).status == 200)
            #expect(await server.call("GET", "\(v3)/account/whoami", as: alice).code == "M_UNKNOWN_TOKEN")
        }
    }

    /// Rule 15.
    @Test func aLockedUserGetsNoNewTokens() async throws {
        try await TestServer.run { server throws in
            let userID = try await server.accounts.createAccount(localpart: "alice", password: "12345678")
            let credentials = try await server.accounts.signIn(
                userID, device: .init(deviceID: "D", displayName: nil, wantsRefreshToken: true))
            let token = try await server.accounts.issueLoginToken(for: userID)
            try await server.accounts.setLocked(true, userID)
            let refresh = try #require(credentials.refreshToken)
            for (path, body) in [
                ("refresh", ["refresh_token": .string(refresh)]),
                ("login", ["type": "m.login.password", "user": "alice", "password": "12345678"]),
                ("login", ["type": "m.login.token", "token": .string(token)]),
            ] as [(String, JSONObject)] {
                #expect(await server.call("POST", "\(v3)/\(path)", json: body).code == "M_USER_LOCKED", "\(path)")
            }
        }
    }

    /// Rule 15.
    @Test func aSuspendedUserMayReadLeaveAndTakeBackHisOwn() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let (alice, bob) = (users[0], users[1])
            let roomID = try await server.room(of: users)
            let other = try await server.room(of: [bob])
            let own = try await server.say("mine", as: alice, in: roomID)
            let owns = try await server.say("mine too", as: alice, in: roomID)
            let theirs = try await server.say("theirs", as: bob, in: roomID)
            try await server.accounts.setSuspended(true, alice.userID)
            let rooms = "\(v3)/rooms/\(roomID)"
            for (method, path, body) in [
                ("PUT", "\(rooms)/send/m.room.message/1", ["body": "x"]),
                ("PUT", "\(rooms)/send/m.room.redaction/2", ["redacts": .string(theirs.string)]),
                ("PUT", "\(rooms)/redact/\(theirs)/3", [:]), ("PUT", "\(rooms)/state/m.room.name", ["name": "x"]),
                ("POST", "\(rooms)/invite", ["user_id": "@carol:test"]), ("POST", "\(v3)/join/\(other)", [:]),
                ("POST", "\(v3)/rooms/\(other)/join", [:]), ("POST", "\(v3)/knock/\(other)", [:]),
                ("POST", "\(v3)/createRoom", [:]),
                ("PUT", "\(v3)/profile/\(alice.userID)/displayname", ["displayname": "x"]),
            ] as [(String, String, JSONObject)] {
                let answer = await server.call(method, path, as: alice, json: body)
                #expect(answer.status == 403 && answer.code == "M_USER_SUSPENDED", "\(path): \(answer.text)")
            }
            for (method, path, body) in [
                ("GET", "\(v3)/sync", [:]), ("GET", "\(rooms)/messages?dir=b", [:]), ("GET", "\(v3)/devices", [:]),
                ("PUT", "\(rooms)/redact/\(own)/4", [:]),
                ("PUT", "\(rooms)/send/m.room.redaction/5", ["redacts": .string(owns.string)]),
                ("POST", "\(rooms)/leave", [:]),
            ] as [(String, String, JSONObject)] {
                let answer = await server.call(method, path, as: alice, json: body)
                #expect(answer.status == 200, "\(path): \(answer.text)")
            }
            // Further sessions are suspended as well.
            let second = try await server.user("alice", device: "SECOND")
            #expect(await server.call("POST", "\(v3)/join/\(other)", as: second, json: [:]).code == "M_USER_SUSPENDED")
            try await server.accounts.setSuspended(false, alice.userID)
            #expect(await server.call("POST", "\(v3)/join/\(other)", as: second, json: [:]).status == 200)
        }
    }

    /// Rule 15.
    @Test func standingSurvivesARestart() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            try await server.accounts.setSuspended(true, alice.userID)
            try await server.accounts.setAdministrator(true, alice.userID)
            try await server.afterRestart { next throws in
                #expect(await next.call("POST", "\(v3)/createRoom", as: alice, json: [:]).code == "M_USER_SUSPENDED")
                #expect(try await next.accounts.isAdministrator(alice.userID))
                #expect(try await next.accounts.listAccounts(after: nil, limit: 10).map(\.userID) == [alice.userID])
            }
        }
    }
}
