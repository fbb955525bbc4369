import CanonicalJSON
import ClientServerAPI
import HTTPServing
import MatrixAPI
import ServerUnderTest
import Testing

/// What every endpoint has in common.
@Suite struct TransportTests {
    /// The path of an endpoint with something in place of its parameters.
    private func path(of endpoint: Endpoint) -> String {
        endpoint.path.split(separator: "/").map { segment in
            switch segment {
            case "{roomId}", "{roomIdOrAlias}": "/!room"
            case "{userId}": "/@alice:test"
            case "{eventId}": "/$event"
            case "{roomAlias}": "/%23alias:test"
            default: segment.hasPrefix("{") ? "/x" : "/\(segment)"
            }
        }.joined()
    }

    /// Rule 5.
    @Test func everyEndpointWantsItsToken() async throws {
        try await TestServer.run { server throws in
            #expect(server.api.endpoints.count > 60)
            for endpoint in server.api.endpoints where endpoint.authentication == .accessToken {
                let (method, path) = (endpoint.method.rawValue, path(of: endpoint))
                let missing = await server.call(method, path)
                #expect(missing.status == 401 && missing.code == "M_MISSING_TOKEN", "\(method) \(path)")
                let unknown = await server.call(method, path, token: "nonsense")
                #expect(unknown.status == 401 && unknown.code == "M_UNKNOWN_TOKEN", "\(method) \(path)")
                #expect(unknown.json["soft_logout"] == nil, "\(method) \(path)")
            }
        }
    }

    /// Rule 2.
    @Test func everyAnswerMayBeReadByBrowsers() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            for endpoint in server.api.endpoints {
                let path = path(of: endpoint)
                let asked = await server.call("OPTIONS", path)
                #expect(asked.status == 200, "\(path)")
                let answers = [asked, await server.call(endpoint.method.rawValue, path, as: alice, body: "{}")]
                for answer in answers {
                    #expect(answer.status < 500, "\(endpoint.operationID): \(answer.text)")
                    #expect(answer.headers["access-control-allow-origin"] == "*", "\(path)")
                    #expect(
                        answer.headers["access-control-allow-methods"] == "GET, POST, PUT, DELETE, OPTIONS", "\(path)")
                    #expect(
                        answer.headers["access-control-allow-headers"]
                            == "X-Requested-With, Content-Type, Authorization", "\(path)")
                    #expect(answer.headers["content-type"] == "application/json", "\(path)")
                }
            }
            for path in ["/_matrix/client/v3/nowhere", "/"] {
                #expect(await server.call("GET", path).headers["access-control-allow-origin"] == "*")
                #expect(await server.call("OPTIONS", path).status == 200)
            }
        }
    }

    /// Rule 1.
    @Test(arguments: [
        ("GET", "/_matrix/client/v3/nowhere", 404), ("GET", "/_matrix/client/v9/sync", 404), ("GET", "/", 404),
        ("GET", "", 404), ("GET", "/_matrix/client/v3/sync/", 404), ("GET", "/_matrix/client/v3//sync", 404),
        ("POST", "/_matrix/client/v3/sync", 405), ("PUT", "/_matrix/client/v3/login", 405),
        ("PATCH", "/_matrix/client/versions", 405), ("DELETE", "/_matrix/client/v3/rooms/!a/state/t/k", 405),
    ])
    func whatIsNotServedIsSaidSo(method: String, path: String, status: Int) async throws {
        try await TestServer.run { server throws in
            let request = HTTPRequest(method: method, path: path)
            let answer = Answer(await server.api.respond(to: request))
            #expect(answer.status == status)
            #expect(answer.code == "M_UNRECOGNIZED")
            #expect(answer.json["error"]?.stringValue?.isEmpty == false)
        }
    }

    @Test(arguments: ["r0", "v3"]) func oldClientsFindTheirPaths(version: String) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let answer = await server.call("GET", "/_matrix/client/\(version)/account/whoami", as: alice)
            #expect(answer.status == 200)
            #expect(answer.json["user_id"] == "@alice:test")
            #expect(answer.json["device_id"]?.stringValue == alice.deviceID)
            #expect(await server.call("POST", "/_matrix/client/\(version)/sync", as: alice).status == 405)
        }
    }

    /// Rule 5.
    @Test func tokensComeInTheHeaderOrTheQuery() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let path = "\(v3)/account/whoami"
            func status(_ value: String) async -> Int {
                await server.call("GET", path, headers: [("authorization", value)]).status
            }
            #expect(await status("Bearer \(alice.accessToken)") == 200)
            #expect(await status("bearer \(alice.accessToken)") == 200)
            #expect(await status("Basic \(alice.accessToken)") == 401)
            #expect(await status("Bearer") == 401)
            #expect(await server.call("GET", "\(path)?access_token=\(alice.accessToken)").status == 200)
            #expect(await server.call("GET", "\(path)?access_token=x").code == "M_UNKNOWN_TOKEN")
        }
    }

    /// Rule 22.
    @Test(arguments: [
        ("{", "M_NOT_JSON"), ("", "M_NOT_JSON"), ("[]", "M_BAD_JSON"), ("\"x\"", "M_BAD_JSON"),
        ("{\"body\":1.5}", "M_BAD_JSON"), ("{\"a\":9007199254740992}", "M_BAD_JSON"),
        ("{\"a\":1,\"a\":2}", "M_BAD_JSON"),
    ])
    func bodiesThatAreNoEventAreRefused(body: String, code: String) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let answer = await server.call("PUT", "\(v3)/rooms/\(roomID)/send/m.room.message/1", as: alice, body: body)
            #expect(answer.status == 400)
            #expect(answer.code == code)
            let room = try await server.rooms.room(roomID).read { $0.timeline.last?.type }
            #expect(room != "m.room.message")
        }
    }

    @Test func oversizedBodiesAreSaidSo() async throws {
        try await TestServer.run { server throws in
            let answer = Answer(server.api.respondToOversizedBody(limitBytes: 5))
            #expect(answer.status == 413)
            #expect(answer.code == "M_TOO_LARGE")
            #expect(answer.headers["access-control-allow-origin"] == "*")
        }
    }

    @Test func everyVersionIsNamed() async throws {
        try await TestServer.run { server throws in
            let versions = await server.call("GET", "/_matrix/client/versions").json["versions"]?.strings ?? []
            for minor in 1...12 { #expect(versions.contains("v1.\(minor)")) }
        }
    }

    /// Rule 3: a body is JSON whatever its type is said to be.
    @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"])
    func bodiesAreJSONWhateverIsSaidOfThem(contentType: String?) async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let path = "\(v3)/profile/\(alice.userID)/displayname"
            let answer = await server.call(
                "PUT", path, as: alice, body: #"{"displayname":"앨리스"}"#,
                headers: contentType.map { [("Content-Type", $0)] } ?? [])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(await server.call("GET", path, as: alice).json["displayname"] == "앨리스")
        }
    }

    /// Rule 3: a body of which nothing is needed may be left out.
    @Test(arguments: ["", "{}"]) func bodiesMayBeLeftOut(body: String) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            let event = try await server.say("hello", as: users[0], in: roomID)
            let room = "\(v3)/rooms/\(roomID)"
            for path in [
                "\(room)/join", "\(room)/receipt/m.read/\(event)", "\(room)/leave",
                "\(room)/forget", "\(v3)/join/\(roomID)", "\(v3)/publicRooms", "\(v3)/createRoom", "\(v3)/logout",
            ] {
                let answer = await server.call("POST", path, as: users[1], body: body)
                #expect(answer.status == 200, "\(path): \(answer.text)")
            }
            #expect(await server.call("GET", "\(v3)/account/whoami", as: users[1]).code == "M_UNKNOWN_TOKEN")
            #expect(await server.call("POST", "\(v3)/logout/all", as: users[0], body: body).status == 200)
            #expect(await server.call("GET", "\(v3)/account/whoami", as: users[0]).code == "M_UNKNOWN_TOKEN")
        }
    }

    /// Rule 18: what the server can do is the same for everybody, so that caches need not tell callers apart.
    @Test func versionsDoNotDependOnTheCaller() async throws {
        try await TestServer.run { server throws in
            let path = "/_matrix/client/versions"
            let alice = try await server.user("alice")
            let anonymous = await server.call("GET", path)
            #expect(anonymous.status == 200)
            #expect(await server.call("GET", path, as: alice).text == anonymous.text)
        }
    }
}
