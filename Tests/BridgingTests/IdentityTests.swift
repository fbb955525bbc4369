import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import RateLimiting
import ServerUnderTest
import Testing

/// Whom an application service speaks for, and what nobody else may have.
///
/// https://spec.matrix.org/v1.19/application-service-api/#identity-assertion
@Suite struct IdentityTests {
    /// Rule 17.
    @Test func aServiceSpeaksForItselfAndForUsersInItsNamespaces() async throws {
        try await withService { server, _ in
            let own = await server.bridge("GET", "\(v3)/account/whoami")
            #expect(own.status == 200)
            #expect(own.json["user_id"] == "@_irc_bot:test")
            #expect(own.json["device_id"] == nil)
            let early = await server.bridge("GET", "\(v3)/account/whoami", as: "_irc_alice")
            #expect(early.status == 403 && early.code == "M_FORBIDDEN", "nobody has registered her yet")
            try await server.ghost("_irc_alice")
            let ghost = await server.bridge("GET", "\(v3)/account/whoami", as: "_irc_alice")
            #expect(ghost.json["user_id"] == "@_irc_alice:test")
            _ = try await server.user("alice")
            let person = await server.bridge("GET", "\(v3)/account/whoami", as: "alice")
            #expect(person.status == 403 && person.code == "M_FORBIDDEN")
            let nonsense = await server.bridge("GET", "\(v3)/account/whoami?user_id=nobody")
            #expect(nonsense.code == "M_INVALID_PARAM")
            let stranger = await server.bridge("GET", "\(v3)/account/whoami", token: "the server's token")
            #expect(stranger.status == 401 && stranger.code == "M_UNKNOWN_TOKEN")
        }
    }

    /// Rule 17: an account that is locked or deactivated is so for its bridge too.
    @Test func whatAdministratorsDecideCountsForGhostsToo() async throws {
        try await withService { server, _ in
            try await server.ghost("_irc_alice")
            let userID = UserID("@_irc_alice:test")!
            try await server.accounts.setLocked(true, userID)
            #expect(await server.bridge("GET", "\(v3)/account/whoami", as: "_irc_alice").code == "M_USER_LOCKED")
            try await server.accounts.setLocked(false, userID)
            try await server.accounts.deactivate(userID, erases: false)
            #expect(await server.bridge("GET", "\(v3)/account/whoami", as: "_irc_alice").code == "M_USER_DEACTIVATED")
        }
    }

    @Test func aDeviceIsNamedOrThereIsNone() async throws {
        try await withService { server, _ in
            try await server.ghost("_irc_alice")
            let unknown = await server.bridge("GET", "\(v3)/account/whoami?device_id=PHONE", as: "_irc_alice")
            #expect(unknown.status == 400 && unknown.code == "M_UNKNOWN_DEVICE")
            let without = await server.bridge("POST", "\(v3)/keys/upload", as: "_irc_alice", json: [:])
            #expect(without.status == 400 && without.code == "M_UNKNOWN_DEVICE")
            let made = await server.bridge(
                "PUT", "\(v3)/devices/PHONE", as: "_irc_alice", json: ["display_name": "Bridge"])
            #expect(made.status == 201)
            #expect(await server.bridge("PUT", "\(v3)/devices/PHONE", as: "_irc_alice", json: [:]).status == 200)
            let device = await server.bridge("GET", "\(v3)/devices/PHONE", as: "_irc_alice")
            #expect(device.json["display_name"] == "Bridge", "what is not said is left alone")
            for name in ["device_id", "org.matrix.msc3202.device_id"] {
                let me = await server.bridge("GET", "\(v3)/account/whoami?\(name)=PHONE", as: "_irc_alice")
                #expect(me.json["device_id"] == "PHONE")
            }
            let upload = await server.bridge("POST", "\(v3)/keys/upload?device_id=PHONE", as: "_irc_alice", json: [:])
            #expect(upload.status == 200)
        }
    }

    /// Rule 14: bridges manage their users' devices and cross-signing keys without a password, which they have not.
    @Test func aServiceNeedsNoPassword() async throws {
        try await withService { server, _ in
            try await server.ghost("_irc_alice")
            for device in ["A", "B", "C"] {
                _ = await server.bridge("PUT", "\(v3)/devices/\(device)", as: "_irc_alice", json: [:])
            }
            #expect(await server.bridge("DELETE", "\(v3)/devices/A", as: "_irc_alice").status == 200)
            let several = await server.bridge(
                "POST", "\(v3)/delete_devices", as: "_irc_alice", json: ["devices": ["B", "C"]])
            #expect(several.status == 200)
            #expect(await server.bridge("GET", "\(v3)/devices", as: "_irc_alice").json["devices"] == [])
            for key in ["YSBtYXN0ZXIga2V5IG9mIHRoZXNlIDMyIGJ5dGVzLi4", "YW5vdGhlciBrZXkgb2YgdGhlc2UgMzIgYnl0ZXMuLi4"] {
                let upload = await server.bridge(
                    "POST", "\(v3)/keys/device_signing/upload", as: "_irc_alice",
                    json: [
                        "master_key": [
                            "user_id": "@_irc_alice:test", "usage": ["master"],
                            "keys": .object(JSONObject(members: [("ed25519:\(key)", .string(key))])),
                        ]
                    ])
                #expect(upload.status == 200, "also when it replaces a key: \(upload)")
            }
        }
    }

    // MARK: Registration and sign-in

    /// Rule 17.
    @Test func aServiceRegistersUsersInItsNamespacesOnly() async throws {
        try await withService(configure: { $0.accounts.registration = .closed }) { server, _ in
            let body: JSONObject = ["type": "m.login.application_service", "username": "_irc_alice"]
            let made = await server.bridge("POST", "\(v3)/register", json: body)
            #expect(made.status == 200 && made.json["user_id"] == "@_irc_alice:test")
            #expect(made.json["access_token"]?.stringValue != nil, "it is signed in unless it says not to")
            let again = await server.bridge("POST", "\(v3)/register", json: body)
            #expect(again.status == 400 && again.code == "M_USER_IN_USE")
            let outside = await server.bridge(
                "POST", "\(v3)/register", json: ["type": "m.login.application_service", "username": "alice"])
            #expect(outside.status == 400 && outside.code == "M_EXCLUSIVE")
            let stranger = await server.bridge("POST", "\(v3)/register", json: body, token: "no such token")
            #expect(stranger.status == 401 && stranger.code == "M_UNKNOWN_TOKEN")
            for path in ["register", "login"] {
                let nobody = await server.bridge("POST", "\(v3)/\(path)", json: body, token: "")
                #expect(nobody.status == 401 && nobody.code == "M_MISSING_TOKEN")
            }
            let sender = await server.bridge(
                "POST", "\(v3)/register", json: ["type": "m.login.application_service", "username": "_irc_bot"])
            #expect(sender.status == 200)
        }
    }

    /// Rule 17: what a service has for itself, people cannot take.
    @Test func peopleCannotTakeAServicesNames() async throws {
        try await withService { server, _ in
            let available = await server.bridge("GET", "\(v3)/register/available?username=_irc_bob", token: "")
            #expect(available.code == "M_EXCLUSIVE")
            await #expect(throws: (any Error).self) {
                try await server.accounts.register(localpart: "_irc_bob", password: "long enough")
            }
            let own = await server.bridge("GET", "\(v3)/register/available?username=_irc_bob")
            #expect(own.json["available"] == true)
        }
    }

    /// Rule 9: the sign-in of bridged users, which needs no password, is on a device as everybody's.
    @Test func aServiceSignsItsUsersIn() async throws {
        try await withService { server, _ in
            try await server.ghost("_irc_alice")
            let body: JSONObject = [
                "type": "m.login.application_service", "device_id": "PHONE",
                "identifier": ["type": "m.id.user", "user": "_irc_alice"],
            ]
            let flows = await server.bridge("GET", "\(v3)/login").json["flows"]?.arrayValue ?? []
            #expect(flows.contains(["type": "m.login.application_service"]))
            #expect(flows.first == ["type": "m.login.password"])
            let answer = await server.bridge("POST", "\(v3)/login", json: body)
            #expect(answer.status == 200 && answer.json["device_id"] == "PHONE")
            let token = answer.json["access_token"]?.stringValue ?? ""
            #expect(await server.bridge("GET", "\(v3)/account/whoami", token: token).status == 200)
            let second = await server.bridge("POST", "\(v3)/login", json: body)
            #expect(second.json["device_id"] == "PHONE")
            #expect(await server.bridge("GET", "\(v3)/account/whoami", token: token).code == "M_UNKNOWN_TOKEN")
            let user = try await server.user("alice")
            let people = await server.bridge("POST", "\(v3)/login", json: body, token: user.accessToken)
            #expect(people.status == 401 && people.code == "M_UNKNOWN_TOKEN")
            var outside = body
            outside["identifier"] = ["type": "m.id.user", "user": "alice"]
            #expect(await server.bridge("POST", "\(v3)/login", json: outside).code == "M_EXCLUSIVE")
        }
    }

    // MARK: Aliases

    @Test func aliasesOfANamespaceAreItsServices() async throws {
        try await withService { server, _ in
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            func put(_ alias: String, token: String, as localpart: String? = nil) async -> BridgeAnswer {
                await server.bridge(
                    "PUT", "\(v3)/directory/room/\(encoded(alias))", as: localpart,
                    json: ["room_id": .string(room.string)], token: token)
            }
            #expect(await put("#_irc_swift:test", token: alice.accessToken).code == "M_EXCLUSIVE")
            #expect(await put("#swift:test", token: alice.accessToken).status == 200)
            let taken = await server.bridge(
                "POST", "\(v3)/createRoom", json: ["room_alias_name": "_irc_swift"], token: alice.accessToken)
            #expect(taken.code == "M_EXCLUSIVE")
            try await server.ghost("_irc_alice")
            let join = await server.bridge("POST", "\(v3)/join/\(encoded(room.string))", as: "_irc_alice", json: [:])
            #expect(join.status == 200)
            #expect(await put("#_irc_swift:test", token: serviceToken, as: "_irc_alice").status == 200)
            #expect(await put("#other:test", token: serviceToken, as: "_irc_alice").code == "M_EXCLUSIVE")
            let path = "\(v3)/directory/room/\(encoded("#_irc_swift:test"))"
            #expect(await server.bridge("DELETE", path, token: alice.accessToken).code == "M_EXCLUSIVE")
            #expect(await server.bridge("DELETE", path).status == 200, "its bot did not make it, and may delete it")
        }
    }

    // MARK: Sending

    @Test func aRepeatedTransactionWithoutADeviceIsSentOnce() async throws {
        try await withService { server, _ in
            try await server.ghost("_irc_alice")
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            _ = await server.bridge("POST", "\(v3)/join/\(encoded(room.string))", as: "_irc_alice", json: [:])
            let path = "\(v3)/rooms/\(encoded(room.string))/send/m.room.message/1"
            let first = await server.bridge("PUT", path, as: "_irc_alice", json: ["body": "hi", "msgtype": "m.text"])
            #expect(first.json["event_id"]?.stringValue != nil)
            try await server.afterRestart { next throws in
                let second = await next.bridge(
                    "PUT", path, as: "_irc_alice", json: ["body": "hi", "msgtype": "m.text"])
                #expect(second.json["event_id"] == first.json["event_id"])
            }
        }
    }

    @Test func aServiceSaysWhenSomethingHappened() async throws {
        try await withService { server, _ in
            try await server.ghost("_irc_alice")
            let alice = try await server.user("alice")
            let room = try await server.room(of: [alice])
            let base = "\(v3)/rooms/\(encoded(room.string))"
            _ = await server.bridge("POST", "\(v3)/join/\(encoded(room.string))", as: "_irc_alice", json: [:])
            func timestamp(_ answer: BridgeAnswer) async -> JSONValue? {
                let eventID = answer.json["event_id"]?.stringValue ?? "none"
                return await server.bridge(
                    "GET", "\(base)/event/\(encoded(eventID))", token: alice.accessToken
                ).json["origin_server_ts"]
            }
            let message: JSONObject = ["body": "hi", "msgtype": "m.text"]
            let old = await server.bridge(
                "PUT", "\(base)/send/m.room.message/1?ts=1500000000000", as: "_irc_alice", json: message)
            #expect(await timestamp(old) == 1_500_000_000_000)
            let state = await server.bridge(
                "PUT", "\(base)/state/org.example.state/@_irc_alice:test?ts=7", as: "_irc_alice", json: [:])
            #expect(state.status == 403, "a ghost has no power here: \(state)")
            for wrong in ["-1", "9007199254740992", "yesterday"] {
                let answer = await server.bridge(
                    "PUT", "\(base)/send/m.room.message/2?ts=\(wrong)", as: "_irc_alice", json: message)
                #expect(answer.status == 400 && answer.code == "M_INVALID_PARAM")
            }
            let person = await server.bridge(
                "PUT", "\(base)/send/m.room.message/3?ts=1500000000000", json: message, token: alice.accessToken)
            #expect(await timestamp(person) == .integer(server.clock.now), "people cannot")
            let topic = await server.bridge("POST", "\(v3)/createRoom", json: [:])
            let own = topic.json["room_id"]?.stringValue ?? ""
            let named = await server.bridge(
                "PUT", "\(v3)/rooms/\(encoded(own))/state/m.room.name/?ts=42", json: ["name": "Then"])
            let event = await server.bridge(
                "GET", "\(v3)/rooms/\(encoded(own))/event/\(encoded(named.json["event_id"]?.stringValue ?? ""))")
            #expect(event.json["origin_server_ts"] == 42)
        }
    }

    // MARK: Limits

    /// What is asked by the sender is never limited; what its users ask, when the registration does not say otherwise.
    @Test(arguments: [true, false])
    func limitsAreForGhostsIfForAnybody(_ isRateLimited: Bool) async throws {
        try await withService(
            ["rate_limited": .bool(isRateLimited)], configure: { $0.rateLimits = .standard }
        ) { server, _ in
            // More than are let in at once.
            for number in 0..<30 { try await server.ghost("_irc_\(number)") }
            func statuses(_ localpart: String?) async -> Set<Int> {
                var statuses: Set<Int> = []
                for _ in 0..<150 {
                    let room = encoded("!nowhere:test")
                    statuses.insert(await server.bridge("POST", "\(v3)/join/\(room)", as: localpart, json: [:]).status)
                }
                return statuses
            }
            #expect(await statuses(nil) == [404], "the sender")
            let ghost = await statuses("_irc_1")
            #expect(ghost == (isRateLimited ? [404, 429] : [404]))
        }
    }
}
