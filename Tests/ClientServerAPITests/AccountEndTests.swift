import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest
import Testing

/// Passwords that change and accounts that end.
@Suite struct AccountEndTests {
    private func signUp(_ server: TestServer, _ name: String, device: String = "D") async throws -> TestUser {
        let userID = UserID("@\(name):test")!
        if try await server.accounts.account(userID) == nil {
            _ = try await server.accounts.createAccount(localpart: name, password: "old password")
        }
        return try await server.user(name, device: device)
    }

    private func password(_ password: String, _ user: TestUser) -> JSONValue {
        [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(user.userID.string)],
            "password": .string(password),
        ]
    }

    private func status(_ user: TestUser, _ server: TestServer) async -> Int {
        await server.call("GET", "\(v3)/account/whoami", as: user).status
    }

    /// Rule 11.
    @Test func aNewPasswordSignsOutTheOtherDevices() async throws {
        try await TestServer.run { server throws in
            let phone = try await signUp(server, "alice", device: "PHONE")
            let desk = try await signUp(server, "alice", device: "DESK")
            let path = "\(v3)/account/password"
            let asked = await server.call("POST", path, as: phone, json: ["new_password": "new password"])
            #expect(asked.status == 401)
            #expect(asked.json["flows"] == [["stages": ["m.login.password"]]])
            let wrong = await server.call(
                "POST", path, as: phone,
                json: ["new_password": "new password", "auth": password("guess", phone)])
            #expect(wrong.status == 401 && wrong.code == "M_FORBIDDEN")
            #expect(await status(desk, server) == 200)
            let weak = await server.call(
                "POST", path, as: phone, json: ["new_password": "short", "auth": password("old password", phone)])
            #expect(weak.code == "M_WEAK_PASSWORD")
            let done = await server.call(
                "POST", path, as: phone,
                json: ["new_password": "new password", "auth": password("old password", phone)])
            #expect(done.status == 200, "\(done.text)")
            #expect(await status(phone, server) == 200)
            #expect(await status(desk, server) == 401)
            await #expect(throws: (any Error).self) {
                try await server.accounts.checkPassword("old password", of: phone.userID)
            }
            try await server.accounts.checkPassword("new password", of: phone.userID)
        }
    }

    /// Rule 11.
    @Test func otherDevicesMayStaySignedIn() async throws {
        try await TestServer.run { server throws in
            let phone = try await signUp(server, "alice", device: "PHONE")
            let desk = try await signUp(server, "alice", device: "DESK")
            let done = await server.call(
                "POST", "\(v3)/account/password", as: phone,
                json: [
                    "new_password": "new password", "logout_devices": false, "auth": password("old password", phone),
                ])
            #expect(done.status == 200)
            #expect(await status(desk, server) == 200)
            // Whoever has forgotten nothing needs no token for it.
            let without = await server.call(
                "POST", "\(v3)/account/password",
                json: ["new_password": "third password", "auth": password("new password", phone)])
            #expect(without.status == 200, "\(without.text)")
            #expect(await status(desk, server) == 401)
        }
    }

    /// Rule 129.
    @Test func aDeactivatedUserIsGone() async throws {
        try await TestServer.run { server throws in
            let alice = try await signUp(server, "alice")
            let users = try await server.users("bob", "carol")
            let joined = try await server.room(of: [users[0], alice])
            let invited = try await server.room(of: [users[0]])
            try await server.rooms.invite(alice.userID, to: invited, by: users[0].userID, reason: nil)
            let data = "\(v3)/user/\(alice.userID)/account_data/x.y"
            #expect(await server.call("PUT", data, as: alice, json: ["a": 1]).status == 200)
            let done = await server.call(
                "POST", "\(v3)/account/deactivate", as: alice, json: ["auth": password("old password", alice)])
            #expect(done.status == 200, "\(done.text)")
            #expect(done.json == ["id_server_unbind_result": "success"])
            #expect(await server.call("GET", "\(v3)/account/whoami", as: alice).code == "M_UNKNOWN_TOKEN")
            for roomID in [joined, invited] {
                let membership = try await server.rooms.room(roomID).read { $0.state.membership(of: alice.userID) }
                #expect(membership == .leave)
            }
            let (devices, profile, stored) = try await server.database.read { store in
                (
                    try store.devices(of: alice.userID), try store.profile(of: alice.userID),
                    try store.accountData("x.y", of: alice.userID, room: nil)
                )
            }
            #expect(devices.isEmpty && profile.isEmpty && stored == nil)
            let login = await server.call(
                "POST", "\(v3)/login", json: ["type": "m.login.password", "user": "alice", "password": "old password"])
            #expect(login.status == 403)
            // Nobody gets the name again.
            for (method, path) in [("GET", "register/available?username=alice"), ("POST", "register")] {
                let answer = await server.call(
                    method, "\(v3)/\(path)", json: ["username": "alice", "password": "12345678"])
                #expect(answer.code == "M_USER_IN_USE", "\(path)")
            }
            let again = await server.call(
                "POST", "\(v3)/rooms/\(invited)/invite", as: users[0], json: ["user_id": "@alice:test"])
            #expect(again.status == 404)
        }
    }

    /// Rule 129: a server that ended between the two goes on with the rooms.
    @Test func aDeactivationIsFinishedAfterARestart() async throws {
        try await TestServer.run { server throws in
            let alice = try await signUp(server, "alice")
            let bob = try await server.user("bob")
            let roomID = try await server.room(of: [bob, alice])
            try await server.writes.submit { context in
                try context.store.deactivateAccount(alice.userID, erasedAt: nil)
            }
            try await server.afterRestart { next throws in
                await next.homeserver.housekeep()
                let membership = try await next.rooms.room(roomID).read { $0.state.membership(of: alice.userID) }
                #expect(membership == .leave)
                #expect(try await next.database.read { try $0.usersWithRoomsToLeave() }.isEmpty)
            }
        }
    }

    /// Rule 129: who joins later sees no more of what an erased user has said.
    @Test func anErasedUsersWordsAreHiddenFromWhoJoinsLater() async throws {
        try await TestServer.run { server throws in
            let alice = try await signUp(server, "alice")
            let users = try await server.users("bob", "carol", "dave")
            let roomID = try await server.room(of: [users[0], alice, users[2]])
            let event = try await server.say("secret words", as: alice, in: roomID)
            try await server.say("other words", as: users[0], in: roomID)
            try await server.accounts.deactivate(alice.userID, erases: true)
            try await server.rooms.join(roomID, userID: users[1].userID, reason: nil)
            for restarted in [false, true] {
                func check(_ server: TestServer) async throws {
                    for (user, sees) in [(users[0], true), (users[1], false), (users[2], true)] {
                        let messages = await server.call(
                            "GET", "\(v3)/rooms/\(roomID)/messages?dir=b&limit=50", as: user)
                        #expect(messages.status == 200)
                        #expect(messages.text.contains("secret words") == sees, "\(user.userID) \(restarted)")
                        #expect(messages.text.contains("other words"))
                        let one = await server.call("GET", "\(v3)/rooms/\(roomID)/event/\(event)", as: user)
                        #expect(one.text.contains("secret words") == sees)
                        let context = await server.call("GET", "\(v3)/rooms/\(roomID)/context/\(event)", as: user)
                        #expect(context.text.contains("secret words") == sees)
                        let sync = await server.call("GET", "\(v3)/sync", as: user)
                        #expect(sync.text.contains("secret words") == sees, "sync \(user.userID) \(restarted)")
                    }
                }
                if restarted { try await server.afterRestart { try await check($0) } } else { try await check(server) }
            }
        }
    }
}
