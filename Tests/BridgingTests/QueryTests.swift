import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Testing

/// What the server asks application services, and what they ask it.
///
/// https://spec.matrix.org/v1.19/application-service-api/#querying
@Suite struct QueryTests {
    @Test func aRoomIsMadeWhenSomebodyNamesItsAlias() async throws {
        try await withService { server, fake in
            fake.answer { [unowned server] call in
                guard call.target.hasPrefix("/bridge/_matrix/app/v1/rooms/") else { return (200, [:]) }
                guard call.target.hasSuffix("/%23_irc_swift%3Atest") else { return (404, ["errcode": "IRC_NO_ROOM"]) }
                let made = await server.bridge(
                    "POST", "\(v3)/createRoom", json: ["room_alias_name": "_irc_swift", "preset": "public_chat"])
                return (made.status, [:])
            }
            let alice = try await server.user("alice")
            let join = await server.bridge(
                "POST", "\(v3)/join/\(encoded("#_irc_swift:test"))", json: [:], token: alice.accessToken)
            #expect(join.status == 200, "\(join)")
            let resolved = await server.bridge("GET", "\(v3)/directory/room/\(encoded("#_irc_swift:test"))", token: "")
            #expect(resolved.json["room_id"] == join.json["room_id"])
            let missing = await server.bridge("GET", "\(v3)/directory/room/\(encoded("#_irc_c:test"))", token: "")
            #expect(missing.status == 404)
            fake.forgetCalls()
            _ = await server.bridge("GET", "\(v3)/directory/room/\(encoded("#other:test"))", token: "")
            #expect(fake.calls.isEmpty, "only what is in its namespaces is asked for")
        }
    }

    /// A service that looks the alias up while it is asked for it does not wait for itself.
    @Test func aServiceMayLookUpWhatItIsAskedFor() async throws {
        try await withService { server, fake in
            let path = "\(v3)/directory/room/\(encoded("#_irc_swift:test"))"
            fake.answer { [unowned server] call in
                guard call.target.contains("/rooms/") else { return (200, [:]) }
                return (await server.bridge("GET", path).status, [:])
            }
            #expect(await server.bridge("GET", path, token: "").status == 404)
        }
    }

    @Test func aUserIsMadeWhenSomebodyInvitesHim() async throws {
        try await withService { server, fake in
            fake.answer { [unowned server] call in
                guard call.target.hasSuffix("/users/%40_irc_bob%3Atest") else { return (404, ["errcode": "IRC_NO"]) }
                try? await server.ghost("_irc_bob")
                return (200, [:])
            }
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            let path = "\(v3)/rooms/\(encoded(room.string))/invite"
            let bob = await server.bridge(
                "POST", path, json: ["user_id": "@_irc_bob:test"], token: alice.accessToken)
            #expect(bob.status == 200, "\(bob)")
            let carol = await server.bridge(
                "POST", path, json: ["user_id": "@_irc_carol:test"], token: alice.accessToken)
            #expect(carol.status == 404)
            fake.forgetCalls()
            let created = await server.bridge(
                "POST", "\(v3)/createRoom", json: ["invite": ["@_irc_bob:test"]], token: alice.accessToken)
            #expect(created.status == 200)
            #expect(!fake.calls.contains { $0.target.contains("/users/") }, "who is there is not asked for")
        }
    }

    @Test func whoDoesNotAnswerIsSaidToBeLate() async throws {
        try await withService { server, fake in
            fake.answer(nil)
            let answer = await server.bridge("GET", "\(v3)/directory/room/\(encoded("#_irc_x:test"))", token: "")
            #expect(answer.status == 408)
        }
    }

    // MARK: Ping

    /// https://spec.matrix.org/v1.19/application-service-api/#pinging
    @Test func aPingCallsTheServiceBack() async throws {
        try await withService(others: [
            [
                "id": "mute", "url": .null, "as_token": "mute", "hs_token": "mute hs", "sender_localpart": "mute",
                "namespaces": [:],
            ]
        ]) { server, fake in
            fake.answer { [clock = server.clock] _ in
                clock.advance(milliseconds: 123)
                return (200, [:])
            }
            let path = "/_matrix/client/v1/appservice/irc/ping"
            let pong = await server.bridge("POST", path, json: ["transaction_id": "meow"])
            #expect(pong.status == 200 && pong.json["duration_ms"] == 123)
            let call = try #require(fake.calls.first)
            #expect(call.target == "/bridge/_matrix/app/v1/ping")
            #expect(call.json == ["transaction_id": "meow"])
            fake.answer { _ in (403, ["errcode": "M_FORBIDDEN"]) }
            let refused = await server.bridge("POST", path, json: [:])
            #expect(refused.status == 502 && refused.code == "M_BAD_STATUS")
            #expect(refused.json["status"] == 403)
            #expect(refused.json["body"] == "{\"errcode\":\"M_FORBIDDEN\"}")
            fake.answer(nil)
            let absent = await server.bridge("POST", path, json: [:])
            #expect(absent.status == 502 && absent.code == "M_CONNECTION_FAILED")
            let other = await server.bridge("POST", path, json: [:], token: "mute")
            #expect(other.status == 403 && other.code == "M_FORBIDDEN")
            let mute = await server.bridge("POST", "/_matrix/client/v1/appservice/mute/ping", json: [:], token: "mute")
            #expect(mute.status == 400 && mute.code == "M_URL_NOT_SET")
            let alice = try await server.user("alice")
            let person = await server.bridge("POST", path, json: [:], token: alice.accessToken)
            #expect(person.status == 403 && person.code == "M_FORBIDDEN")
        }
    }

    /// The service is there again, so what waits is sent at once.
    @Test func aPingEndsThePause() async throws {
        try await withService { server, fake in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            try await server.ghost("_irc_bob")
            fake.answer(nil)
            try await server.rooms.invite(UserID("@_irc_bob:test")!, to: room, by: alice.userID, reason: nil)
            for _ in 0..<8 {
                try await server.settle()
                server.clock.advance(milliseconds: 400_000)
            }
            try await server.settle()
            fake.answer(200)
            fake.forgetCalls()
            try await server.settle()
            #expect(fake.calls.isEmpty)
            _ = await server.bridge("POST", "/_matrix/client/v1/appservice/irc/ping", json: [:])
            try await server.settle()
            #expect(fake.transactions.count == 1)
        }
    }

    // MARK: Other networks

    @Test func theDirectoryOfANetwork() async throws {
        try await withService { server, _ in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            let own = try await server.room(of: [alice])
            try await server.rooms.setListed(true, roomID: own, by: alice.userID)
            let path = "\(v3)/directory/list/appservice/freenode/\(encoded(room.string))"
            #expect(await server.bridge("PUT", path, json: ["visibility": "public"]).status == 200)
            let person = await server.bridge(
                "PUT", path, json: ["visibility": "public"], token: alice.accessToken)
            #expect(person.status == 403)
            #expect(await server.bridge("PUT", path, json: ["visibility": "secret"]).code == "M_INVALID_PARAM")
            func rooms(_ query: JSONObject) async -> Set<String> {
                let answer = await server.bridge(
                    "POST", "\(v3)/publicRooms", json: query, token: alice.accessToken)
                return Set((answer.json["chunk"]?.arrayValue ?? []).compactMap { $0["room_id"]?.stringValue })
            }
            #expect(await rooms([:]) == [own.string])
            #expect(await rooms(["include_all_networks": true]) == [own.string, room.string])
            #expect(await rooms(["third_party_instance_id": "irc|freenode"]) == [room.string])
            #expect(await rooms(["third_party_instance_id": "freenode"]) == [room.string])
            #expect(await rooms(["third_party_instance_id": "other|freenode"]).isEmpty)
            #expect(await server.bridge("PUT", path, json: ["visibility": "private"]).status == 200)
            #expect(await rooms(["include_all_networks": true]) == [own.string])
        }
    }

    @Test func networksAreLookedUpWhereTheyAreKnown() async throws {
        try await withService(["protocols": ["irc"]]) { server, fake in
            fake.answer { call in
                switch call.target {
                case "/bridge/_matrix/app/v1/thirdparty/protocol/irc":
                    (200, ["user_fields": ["nick"], "instances": [["network_id": "freenode", "desc": "Freenode"]]])
                case "/bridge/_matrix/app/v1/thirdparty/user/irc?nick=a%26b":
                    (200, [["userid": "@_irc_ab:test", "protocol": "irc", "fields": [:]]])
                case "/bridge/_matrix/app/v1/thirdparty/location?alias=%23x%3Atest":
                    (200, [["alias": "#x:test", "protocol": "irc", "fields": [:]]])
                default: (404, ["errcode": "IRC_NOT_FOUND"])
                }
            }
            let alice = try await server.user("alice")
            func get(_ path: String) async -> BridgeAnswer {
                await server.bridge("GET", "\(v3)/thirdparty/\(path)", token: alice.accessToken)
            }
            let protocols = await get("protocols").json
            #expect(protocols["irc"]?["user_fields"] == ["nick"])
            #expect(protocols["irc"]?["instances"]?[0]?["instance_id"] == "irc|freenode")
            #expect(await get("protocol/irc").json == protocols["irc"]?.objectValue)
            #expect(await get("protocol/xmpp").code == "M_NOT_FOUND")
            #expect(await get("user/irc?nick=a%26b").status == 200)
            #expect(await get("user/irc?nick=nobody").code == "M_NOT_FOUND")
            #expect(await get("location?alias=%23x%3Atest").status == 200)
            #expect(await get("location/xmpp").code == "M_NOT_FOUND")
        }
    }

    @Test func withoutServicesThereAreNoNetworks() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let protocols = await server.bridge("GET", "\(v3)/thirdparty/protocols", token: alice.accessToken)
            #expect(protocols.status == 200 && protocols.json.isEmpty)
            let user = await server.bridge("GET", "\(v3)/thirdparty/user/irc", token: alice.accessToken)
            #expect(user.status == 404 && user.code == "M_NOT_FOUND")
        }
    }
}
