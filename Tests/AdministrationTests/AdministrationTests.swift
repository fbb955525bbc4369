import Administration
import CanonicalJSON
import HTTPServing
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import ServerUnderTest
import Testing

@Suite struct AdministrationTests {
    @Test func accountsAreMadeShownAndStopped() async throws {
        try await TestServer.run { server in
            let administration = Administration(homeserver: server.homeserver)
            let made = try await administration.run("users/create", ["user": "ann", "admin": true])
            #expect(made["user_id"]?.stringValue == "@ann:test")
            let password = try #require(made["password"]?.stringValue)
            try await server.accounts.checkPassword(password, of: UserID("@ann:test")!, address: "127.0.0.1")
            _ = try await server.user("bob")

            let list = try await administration.run("users/list", ["limit": 1])
            #expect(list["users"]?[0]?["user_id"]?.stringValue == "@ann:test")
            #expect(list["users"]?[0]?["admin"]?.boolValue == true)
            let rest = try await administration.run("users/list", ["after": list["next"]!, "limit": 10])
            #expect(rest["users"]?.arrayValue?.count == 1 && rest["next"] == nil)

            let changes: [(String, JSONObject, String)] = [
                ("users/lock", ["locked": true], "locked"), ("users/suspend", ["suspended": true], "suspended"),
                ("users/set-admin", ["admin": true], "admin"), ("users/deactivate", [:], "deactivated"),
            ]
            for (command, change, mark) in changes {
                var arguments = change
                arguments["user"] = "@bob:test"
                #expect(try await administration.run(command, arguments)[mark]?.boolValue == true)
            }
            let shown = try await administration.run("users/show", ["user": "bob"])
            #expect(shown["deactivated"]?.boolValue == true)
            #expect(shown["devices"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test func aNewPasswordSignsOut() async throws {
        try await TestServer.run { server in
            let administration = Administration(homeserver: server.homeserver)
            let ann = try await server.user("ann")
            _ = try await administration.run("users/reset-password", ["user": "ann", "password": "a new password"])
            try await server.accounts.checkPassword("a new password", of: ann.userID, address: "127.0.0.1")
            await #expect(throws: MatrixError.self) {
                try await server.accounts.session(accessToken: ann.accessToken, remoteAddress: "127.0.0.1")
            }
        }
    }

    @Test func registrationTokensAreMadeAndRevoked() async throws {
        try await TestServer.run { server in
            let administration = Administration(homeserver: server.homeserver)
            let made = try await administration.run("tokens/create", ["uses": 2])
            let token = try #require(made["token"])
            #expect(try await server.accounts.isRegistrationTokenValid(token.stringValue ?? ""))
            #expect(try await administration.run("tokens/list", [:])["tokens"]?[0]?["uses"]?.integerValue == 2)
            _ = try await administration.run("tokens/revoke", ["token": token])
            #expect(try await administration.run("tokens/list", [:])["tokens"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test func roomsAreListedAndDeleted() async throws {
        try await TestServer.run { server in
            let administration = Administration(homeserver: server.homeserver)
            let users = try await server.users("alice", "bob")
            let room = try await server.room(of: users)
            _ = try await server.rooms.setState(
                "m.room.name", stateKey: "", content: ["name": "Boathouse"], in: room, sender: users[0].userID)
            let list = try await administration.run("rooms/list", [:])
            #expect(list["rooms"]?[0]?["room_id"]?.stringValue == room.string)
            #expect(list["rooms"]?[0]?["name"]?.stringValue == "Boathouse")
            #expect(list["rooms"]?[0]?["joined_members"]?.integerValue == 2)
            let deletion = try await administration.run("rooms/delete", ["room": .string(room.string)])
            #expect(deletion["stage"]?.stringValue == "done")
            let shown = try await administration.run("rooms/show", ["room": .string(room.string)])
            #expect(shown["deleted"]?.boolValue == true && shown["name"] == nil)
            #expect(shown["joined_members"]?.integerValue == 0)
        }
    }

    @Test func whatIsWrongIsSaid() async throws {
        try await TestServer.run { server in
            let administration = Administration(homeserver: server.homeserver)
            let cases: [(String, JSONObject, Int)] = [
                ("users/none", [:], 404), ("users/show", [:], 400), ("users/show", ["user": "@ann:elsewhere"], 400),
                ("users/show", ["user": "nobody"], 404), ("users/lock", ["user": "nobody", "locked": true], 404),
                ("users/lock", ["user": "nobody"], 400), ("users/create", ["user": "b", "password": "short"], 400),
                ("rooms/delete", ["room": "none"], 400), ("rooms/show", ["room": "!none:test"], 404),
                ("tokens/revoke", ["token": "none"], 404), ("tokens/create", ["token": "not a token"], 400),
            ]
            for (command, arguments, status) in cases {
                do {
                    _ = try await administration.run(command, arguments)
                    Issue.record("\(command) was done")
                } catch let error as MatrixError { #expect(error.status == status, "\(command)") }
            }
            let responder = AdministrationResponder(administration)
            for (method, body, status) in [("GET", "{}", 405), ("POST", "[]", 400), ("POST", "{", 400)] {
                let request = HTTPRequest(method: method, path: "/users/list", body: Array(body.utf8))
                #expect(await responder.respond(to: request).status == status)
            }
            let request = HTTPRequest(method: "POST", path: "/users/list", body: Array("{}".utf8))
            #expect(await responder.respond(to: request).status == 200)
        }
    }

    @Test func noticesReachOneOrEverybody() async throws {
        try await TestServer.run { server in
            let administration = Administration(homeserver: server.homeserver)
            let users = try await server.users("ann", "bob", "gone")
            func notices(_ user: TestUser) async throws -> [String] {
                let invitations = try await server.sync(user).rooms("invite").members.compactMap { RoomID($0.key) }
                for room in invitations { try await server.rooms.join(room, userID: user.userID, reason: nil) }
                return try await server.sync(user).rooms("join").members.flatMap { member in
                    SyncRoom(json: member.value.objectValue ?? [:]).timeline.filter {
                        $0["content"]?["msgtype"] == "m.server_notice"
                    }.compactMap { $0["content"]?["body"]?.stringValue }
                }
            }
            let sent = try await administration.run("notices/send", ["user": "ann", "text": "For you"])
            #expect(sent["user_id"] == "@ann:test" && sent["event_id"]?.stringValue != nil)
            #expect(try await notices(users[0]) == ["For you"])
            #expect(try await notices(users[1]).isEmpty)
            try await server.accounts.deactivate(users[2].userID, erases: false)
            let all = try await administration.run("notices/send-to-all", ["text": "For all"])
            #expect(all["sent"] == 2 && all["next"] == nil, "neither who is gone nor the sender itself")
            #expect(try await notices(users[0]) == ["For you", "For all"])
            #expect(try await notices(users[1]) == ["For all"])
            for wrong in [["user": "nobody", "text": "x"], ["user": "ann"], ["user": "ann", "text": ""]] as [JSONObject]
            {
                await #expect(throws: MatrixError.self) { try await administration.run("notices/send", wrong) }
            }
        }
    }

    /// More people than are told in one go.
    @Test func noticesForManyGoOnWhereTheyWere() async throws {
        try await TestServer.run { server in
            let administration = Administration(homeserver: server.homeserver)
            for number in 0..<130 { _ = try await server.user("user\(number)") }
            var arguments: JSONObject = ["text": "Hello"]
            var sent: Int64 = 0
            var calls = 0
            repeat {
                let page = try await administration.run("notices/send-to-all", arguments)
                sent += page["sent"]?.integerValue ?? 0
                arguments["after"] = page["next"]
                calls += 1
            } while arguments["after"] != nil && calls < 10
            #expect(sent == 130 && calls == 2)
        }
    }
}
