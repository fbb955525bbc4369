import CanonicalJSON
import Homeserver
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// The routes of the life of rooms, as clients call them.
@Suite struct RoomLifeRoutesTests {
    private let v1 = "/_matrix/client/v1"
    private let unstable = "/_matrix/client/unstable"

    private func space(_ name: String, of user: TestUser, on server: TestServer) async throws -> RoomID {
        server.clock.advance(milliseconds: 1)
        var creation = RoomCreation()
        creation.preset = .publicChat
        creation.name = name
        creation.creationContent = ["type": "m.space"]
        return try await server.rooms.create(creation, creator: user.userID)
    }

    private func add(
        _ child: RoomID, to space: RoomID, by user: TestUser, on server: TestServer, content: JSONObject = [:]
    ) async throws {
        server.clock.advance(milliseconds: 1)
        var content = content
        if content["via"] == nil { content["via"] = ["test"] }
        _ = try await server.rooms.setState(
            "m.space.child", stateKey: child.string, content: content, in: space, sender: user.userID)
    }

    private func ids(_ answer: Answer) -> [String] {
        (answer.json["rooms"]?.arrayValue ?? []).compactMap { $0["room_id"]?.stringValue }
    }

    @Test("rule 114: the hierarchy's order, depth, suggestions and cycles")
    func hierarchy() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let alice = users[0]
            let root = try await space("root", of: alice, on: server)
            let inner = try await space("inner", of: alice, on: server)
            var rooms: [RoomID] = []
            for _ in 0..<4 { rooms.append(try await server.room(of: [alice])) }
            let hidden = try await server.room(of: [alice])
            _ = try await server.rooms.setState(
                "m.room.join_rules", stateKey: "", content: ["join_rule": "invite"], in: hidden, sender: alice.userID)
            try await add(rooms[0], to: root, by: alice, on: server)
            try await add(rooms[1], to: root, by: alice, on: server, content: ["order": "b", "suggested": true])
            try await add(inner, to: root, by: alice, on: server, content: ["order": "a"])
            try await add(hidden, to: root, by: alice, on: server)
            try await add(RoomID("!unknown:test")!, to: root, by: alice, on: server)
            // Not valid as an order, so the time decides.
            try await add(rooms[2], to: root, by: alice, on: server, content: ["order": "\u{7F}"])
            try await add(rooms[3], to: inner, by: alice, on: server)
            try await add(root, to: inner, by: alice, on: server)
            let removed = try await server.room(of: [alice])
            try await add(removed, to: root, by: alice, on: server, content: ["via": []])

            let path = "\(v1)/rooms/\(root)/hierarchy"
            let all = [root, inner, rooms[3], rooms[1], rooms[0], rooms[2]].map(\.string)
            let whole = await server.call("GET", path, as: users[1])
            #expect(ids(whole) == all)
            #expect(whole.json["next_batch"] == nil)
            let children = whole.json["rooms"]?[0]?["children_state"]?.arrayValue ?? []
            #expect(children.count == 6)
            #expect(children[0]["origin_server_ts"]?.integerValue != nil)
            #expect(ids(await server.call("GET", path, as: alice)) == Array(all[..<5]) + [hidden.string, all[5]])
            #expect(
                ids(await server.call("GET", "\(path)?max_depth=1", as: users[1])) == all.filter { $0 != all[2] })
            #expect(ids(await server.call("GET", "\(path)?max_depth=0", as: users[1])) == [root.string])
            #expect(
                ids(await server.call("GET", "\(path)?suggested_only=true", as: users[1]))
                    == [root.string, rooms[1].string])

            var paged: [String] = []
            var from = ""
            repeat {
                let page = await server.call("GET", "\(path)?limit=2\(from)", as: users[1])
                paged += ids(page)
                from = page.json["next_batch"]?.stringValue.map { "&from=\($0)" } ?? ""
                if !from.isEmpty {
                    let changed = await server.call("GET", "\(path)?suggested_only=true\(from)", as: users[1])
                    #expect(changed.code == "M_INVALID_PARAM")
                    let deeper = await server.call("GET", "\(path)?max_depth=3\(from)", as: users[1])
                    #expect(deeper.code == "M_INVALID_PARAM")
                }
            } while !from.isEmpty
            #expect(paged == all)
            for query in ["limit=0", "limit=x", "max_depth=-1", "from=nonsense", "from=h_99999__0"] {
                #expect(await server.call("GET", "\(path)?\(query)", as: users[1]).status == 400, "\(query)")
            }
            #expect(await server.call("GET", "\(v1)/rooms/\(hidden)/hierarchy", as: users[1]).status == 403)
            #expect(await server.call("GET", "\(v1)/rooms/!no:test/hierarchy", as: users[1]).status == 403)
        }
    }

    @Test func summariesAreForThoseWhoMaySeeTheRoom() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let club = try await server.room(of: [users[0], users[1]])
            let roomID = try await server.room(of: [users[0]])
            let allow: JSONValue = [["type": "m.room_membership", "room_id": .string(club.string)]]
            func setRule(_ content: JSONObject) async throws {
                _ = try await server.rooms.setState(
                    "m.room.join_rules", stateKey: "", content: content, in: roomID, sender: users[0].userID)
            }
            let paths = [
                "\(v1)/room_summary/\(roomID)", "\(unstable)/im.nheko.summary/rooms/\(roomID)/summary",
                "\(unstable)/im.nheko.summary/summary/\(roomID)",
            ]
            for path in paths {
                let open = await server.call("GET", path)
                #expect(open.json["join_rule"] == "public")
                #expect(open.json["room_version"] == "12")
                #expect(open.json["num_joined_members"] == 1)
                #expect(open.json["membership"] == nil)
                #expect(await server.call("GET", path, as: users[0]).json["membership"] == "join")
            }
            try await setRule(["join_rule": "restricted", "allow": allow])
            let inClub = await server.call("GET", paths[0], as: users[1])
            #expect(inClub.json["allowed_room_ids"] == [.string(club.string)])
            #expect(await server.call("GET", paths[0], as: users[2]).code == "M_NOT_FOUND")
            #expect(await server.call("GET", paths[0]).code == "M_NOT_FOUND")
            try await setRule(["join_rule": "knock_restricted", "allow": allow])
            #expect(await server.call("GET", paths[0]).status == 200)
            try await setRule(["join_rule": "invite"])
            #expect(await server.call("GET", paths[0], as: users[2]).code == "M_NOT_FOUND")
            try await server.rooms.invite(users[2].userID, to: roomID, by: users[0].userID, reason: nil)
            #expect(await server.call("GET", paths[0], as: users[2]).json["membership"] == "invite")
            #expect(await server.call("GET", "\(v1)/room_summary/!no:test", as: users[2]).code == "M_NOT_FOUND")
            #expect(await server.call("GET", "\(v1)/room_summary/%23no:test", as: users[2]).code == "M_NOT_FOUND")
        }
    }

    @Test("rule 116: mutual rooms") func mutualRooms() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            var shared: [String] = []
            for _ in 0..<3 { shared.append(try await server.room(of: users).string) }
            _ = try await server.room(of: [users[1]])
            _ = try await server.room(of: [users[0]])
            for path in ["\(v1)/mutual_rooms", "\(unstable)/uk.half-shot.msc2666/user/mutual_rooms"] {
                let answer = await server.call("GET", "\(path)?user_id=@bob:test", as: users[0])
                #expect(answer.json["joined"]?.strings == shared)
                #expect(answer.json["count"] == 3)
                #expect(answer.json["next_batch"] == nil)
                #expect(
                    await server.call("GET", "\(path)?user_id=@nobody:test", as: users[0]).json
                        == ["joined": [], "count": 0])
                for query in ["user_id=@alice:test", "user_id=bob", "user_id=@bob:test&from=x"] {
                    #expect(await server.call("GET", "\(path)?\(query)", as: users[0]).code == "M_INVALID_PARAM")
                }
                #expect(await server.call("GET", path, as: users[0]).code == "M_MISSING_PARAM")
            }
            for _ in 0..<100 { shared.append(try await server.room(of: users).string) }
            let first = await server.call("GET", "\(v1)/mutual_rooms?user_id=@bob:test", as: users[0])
            #expect(first.json["joined"]?.strings == Array(shared[..<100]))
            #expect(first.json["count"] == 103)
            let next = try #require(first.json["next_batch"]?.stringValue)
            let second = await server.call("GET", "\(v1)/mutual_rooms?user_id=@bob:test&from=\(next)", as: users[0])
            #expect(second.json["joined"]?.strings == Array(shared[100...]))
            #expect(second.json["next_batch"] == nil)
        }
    }

    @Test func upgradesAnswerTheNewRoom() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users, version: .v11)
            let path = "\(v3)/rooms/\(roomID)/upgrade"
            #expect(
                await server.call("POST", path, as: users[0], json: ["new_version": "1"]).code
                    == "M_UNSUPPORTED_ROOM_VERSION")
            #expect(await server.call("POST", path, as: users[0], json: [:]).status == 400)
            #expect(await server.call("POST", path, as: users[1], json: ["new_version": "12"]).code == "M_FORBIDDEN")
            let done = await server.call(
                "POST", path, as: users[0], json: ["new_version": "12", "additional_creators": ["@bob:test"]])
            let replacement = try #require(done.json["replacement_room"]?.stringValue.flatMap(RoomID.init))
            let create = try await server.rooms.room(replacement).read { $0.state["m.room.create"]?.content }
            #expect(create?["additional_creators"] == ["@bob:test"])
        }
    }

    @Test func delayedEventsOnBothWires() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let base = "\(unstable)/org.matrix.msc4140"
            let message: JSONObject = ["msgtype": "m.text", "body": "x"]
            func delayID(_ answer: Answer) throws -> String { try #require(answer.json["delay_id"]?.stringValue) }
            let old = await server.call(
                "PUT", "\(v3)/rooms/\(roomID)/send/m.room.message/1?org.matrix.msc4140.delay=5000", as: alice,
                json: message)
            let state = await server.call(
                "PUT", "\(v3)/rooms/\(roomID)/state/m.room.topic/?org.matrix.msc4140.delay=6000", as: alice,
                json: ["topic": "later"])
            let new = await server.call(
                "PUT", "\(base)/rooms/\(roomID)/delayed_event/m.room.message/2", as: alice,
                json: ["delay_ms": 7_000, "content": .object(message)])
            let newState = await server.call(
                "PUT", "\(base)/rooms/\(roomID)/delayed_event/m.room.name/3", as: alice,
                json: ["delay_ms": 8_000, "state_key": "", "content": ["name": "later"]])
            let list = await server.call("GET", "\(base)/delayed_events", as: alice)
            for name in ["delayed_events", "scheduled"] {
                let listed = (list.json[name]?.arrayValue ?? []).compactMap { $0["delay_id"]?.stringValue }
                #expect(listed == [try delayID(old), try delayID(state), try delayID(new), try delayID(newState)])
            }
            #expect(list.json["scheduled"]?[0]?["delay"] == 5_000)
            #expect(list.json["scheduled"]?[0]?["content"] == .object(message))

            func act(_ id: String, body: String, path: String = "", user: TestUser? = nil) async -> Int {
                await server.call("POST", "\(base)/delayed_events/\(id)\(path)", as: user, body: body).status
            }
            // With the action in the body or in the path, with a token or without.
            #expect(await act(try delayID(old), body: "{\"action\":\"restart\"}") == 200)
            #expect(await act(try delayID(old), body: "{}", path: "/cancel", user: alice) == 200)
            #expect(await act(try delayID(new), body: "{}", path: "/send") == 200)
            #expect(await act(try delayID(state), body: "{\"action\":\"send\"}", user: alice) == 200)
            #expect(await act(try delayID(state), body: "{\"action\":\"explode\"}", user: alice) == 400)
            #expect(await act("unknown", body: "{}", path: "/restart") == 404)
            let after = await server.call("GET", "\(base)/delayed_events?status=finalised", as: alice)
            #expect(
                after.json["finalised"]?.arrayValue?.compactMap { $0["outcome"]?.stringValue } == [
                    "cancel", "send", "send",
                ])
            #expect(after.json["scheduled"] == nil)
            let topic = await server.call("GET", "\(v3)/rooms/\(roomID)/state/m.room.topic/", as: alice)
            #expect(topic.json == ["topic": "later"])
            let bad = await server.call(
                "PUT", "\(v3)/rooms/\(roomID)/send/m.room.message/9?org.matrix.msc4140.delay=x", as: alice,
                json: message)
            #expect(bad.code == "M_INVALID_PARAM")
        }
    }

    @Test func unredactedContentIsAskedForByName() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let event = try await server.say("oops", as: users[1], in: roomID)
            _ = try await server.rooms.redact(
                event, in: roomID, reason: nil, transactionID: "r", sender: users[1].sender)
            let path = "\(v3)/rooms/\(roomID)/event/\(event)"
            #expect(await server.call("GET", path, as: users[0]).json["content"] == [:])
            for name in ["include_unredacted_content", "fi.mau.msc2815.include_unredacted_content"] {
                let seen = await server.call("GET", "\(path)?\(name)=true", as: users[0])
                #expect(seen.json["content"]?["body"] == "oops")
                #expect(seen.json["unsigned"]?["redacted_because"] != nil)
                #expect(await server.call("GET", "\(path)?\(name)=true", as: users[1]).code == "M_FORBIDDEN")
            }
        }
    }

    @Test("rule 126: whom to turn to stands in .well-known when there is somebody") func wellKnown() async throws {
        try await TestServer.run { server throws in
            for path in ["support", "policy_server"] {
                #expect(await server.call("GET", "/.well-known/matrix/\(path)").code == "M_NOT_FOUND")
            }
            let alice = try await server.user("alice")
            #expect(await server.call("GET", "\(v3)/voip/turnServer", as: alice).json == [:])
        }
        let configure: @Sendable (inout HomeserverConfiguration) -> Void = { configuration in
            configuration.support.page = "https://test/help"
            configuration.support.contacts = [
                .init(role: "m.role.admin", matrixID: "@op:test", emailAddress: nil)
            ]
            configuration.policyServerKey = "key"
            configuration.turn = TURNConfiguration(uris: ["turn:turn.test"], sharedSecret: "n0t-s3cret")
        }
        try await TestServer.run(configure: configure) { server throws in
            #expect(
                await server.call("GET", "/.well-known/matrix/support").json
                    == [
                        "support_page": "https://test/help",
                        "contacts": [["role": "m.role.admin", "matrix_id": "@op:test"]],
                    ])
            #expect(
                await server.call("GET", "/.well-known/matrix/policy_server").json
                    == ["public_keys": ["ed25519": "key"]])
            let alice = try await server.user("alice")
            let turn = await server.call("GET", "\(v3)/voip/turnServer", as: alice).json
            #expect(turn["username"] == "1800086400:@alice:test")
            // printf '1800086400:@alice:test' | openssl dgst -sha1 -hmac n0t-s3cret -binary | base64
            #expect(turn["password"] == "Nu8w+PkVek9/FCBDBVObRKFiXs4=")
            #expect(turn["uris"] == ["turn:turn.test"])
            #expect(turn["ttl"] == 86_400)
        }
    }

    @Test("rule 117: profile fields have names of the grammar") func profileFields() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            func put(_ name: String) async -> String? {
                await server.call(
                    "PUT", "\(v3)/profile/\(alice.userID)/\(name)", as: alice, json: [name: "x"]
                ).code
            }
            for name in ["m.tz", "org.example.field", "m.status", "a-b_c.d9"] { #expect(await put(name) == nil) }
            for name in ["Upper", "9a", "a$b", ".a"] { #expect(await put(name) == "M_INVALID_PARAM") }
            let long = "a" + String(repeating: "b", count: 255)
            #expect(await put(long) == "M_KEY_TOO_LARGE")
            #expect(await server.call("GET", "\(v3)/profile/@nobody:test").code == "M_NOT_FOUND")
        }
    }

    @Test func whatThisServerDoesNotHaveIsSaidSo() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            #expect(await server.call("GET", "\(v3)/account/3pid", as: alice).json == ["threepids": []])
            #expect(await server.call("GET", "\(v3)/thirdparty/protocols", as: alice).json == [:])
            for path in ["protocol/irc", "location/irc", "user/irc", "location?alias=%23a:test", "user?userid=@a:test"]
            {
                #expect(await server.call("GET", "\(v3)/thirdparty/\(path)", as: alice).code == "M_NOT_FOUND")
            }
            let secret: JSONObject = ["client_secret": "s", "sid": "1", "email": "a@b", "send_attempt": 1]
            for path in ["add", "bind", "email/requestToken", "msisdn/requestToken"] {
                #expect(
                    await server.call("POST", "\(v3)/account/3pid/\(path)", as: alice, json: secret).code
                        == "M_THREEPID_MEDIUM_NOT_SUPPORTED")
            }
            for path in ["register/email", "register/msisdn", "account/password/email", "account/password/msisdn"] {
                #expect(
                    await server.call("POST", "\(v3)/\(path)/requestToken", json: secret).code
                        == "M_THREEPID_MEDIUM_NOT_SUPPORTED")
            }
            for path in ["delete", "unbind"] {
                let done = await server.call(
                    "POST", "\(v3)/account/3pid/\(path)", as: alice, json: ["medium": "email", "address": "a@b"])
                #expect(done.json == ["id_server_unbind_result": "no-support"])
            }
            #expect(
                await server.call("POST", "\(v3)/register?kind=guest", json: [:]).code == "M_GUEST_ACCESS_FORBIDDEN")
            let retention = await server.call(
                "GET", "\(unstable)/org.matrix.msc1763/retention/configuration", as: alice)
            #expect(retention.json["policies"] == ["*": [:]])
            #expect(retention.json["limits"] == ["max_lifetime": ["min": 86_400_000]])
        }
    }

    /// Rule 69.
    @Test func presenceIsForThoseWhoShareARoom() async throws {
        try await TestServer.run(configure: { $0.presence = true }) { server throws in
            let users = try await server.users("alice", "bob", "carol")
            _ = try await server.room(of: [users[0], users[1]])
            let path = "\(v3)/presence/@bob:test/status"
            #expect(await server.call("GET", path, as: users[0]).json == ["presence": "offline"])
            #expect(
                await server.call("PUT", path, as: users[1], json: ["presence": "online", "status_msg": "tea"]).status
                    == 200)
            #expect(await server.call("GET", path, as: users[0]).json["status_msg"] == "tea")
            #expect(await server.call("GET", path, as: users[2]).code == "M_FORBIDDEN")
            #expect(await server.call("PUT", path, as: users[0], json: ["presence": "online"]).code == "M_FORBIDDEN")
            #expect(await server.call("PUT", path, as: users[1], json: ["presence": "busy"]).status == 400)
            #expect(await server.call("GET", "\(v3)/sync?set_presence=busy", as: users[0]).status == 400)
        }
    }

    /// Nobody is looked up at an identity server; what is wrong with the request is said first.
    @Test func peopleAreInvitedByTheirUserIDOnly() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let room = try await server.room(of: [users[0]])
            let path = "\(v3)/rooms/\(room)/invite"
            let invitation: JSONObject = [
                "id_server": "id.example.org", "id_access_token": "t", "medium": "email", "address": "bob@example.org",
            ]
            let refused = await server.call("POST", path, as: users[0], json: invitation)
            #expect(refused.status == 403 && refused.code == "M_SERVER_NOT_TRUSTED")
            let outsider = await server.call("POST", path, as: users[1], json: invitation)
            #expect(outsider.status == 403 && outsider.code == "M_FORBIDDEN")
            for name in invitation.members.map(\.key) {
                var lacking = invitation
                lacking[name] = nil
                let answer = await server.call("POST", path, as: users[0], json: lacking)
                #expect(answer.status == 400 && answer.code == "M_MISSING_PARAM", "\(name)")
            }
        }
    }
}
