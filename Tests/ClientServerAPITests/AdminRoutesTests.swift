import Accounts
import CanonicalJSON
import ServerUnderTest
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#server-administration
@Suite struct AdminRoutesTests {
    private let v1 = "/_matrix/client/v1"

    /// Rule 20: who is no administrator is refused before anything is said of the user, and users of other servers are
    /// not ours to stop.
    @Test(arguments: ["suspend", "lock"]) func onlyAdministratorsDecide(action: String) async throws {
        try await TestServer.run { server in
            let (boss, other, ann) = (
                try await server.user("boss"), try await server.user("other"), try await server.user("ann")
            )
            let member = action == "lock" ? "locked" : "suspended"
            for userID in ["@ann:test", "@nobody:test", "@ann:elsewhere", "nonsense"] {
                for method in ["GET", "PUT"] {
                    let body = method == "PUT" ? "{\"\(member)\":true}" : ""
                    let answer = await server.call(method, "\(v1)/admin/\(action)/\(userID)", as: ann, body: body)
                    #expect(answer.status == 403 && answer.code == "M_FORBIDDEN")
                }
            }
            for user in [boss, other] { try await server.accounts.setAdministrator(true, user.userID) }
            func get(_ userID: String) async -> Answer {
                await server.call("GET", "\(v1)/admin/\(action)/\(userID)", as: boss)
            }
            func put(_ userID: String, _ value: JSONValue = true) async -> Answer {
                await server.call("PUT", "\(v1)/admin/\(action)/\(userID)", as: boss, json: [member: value])
            }
            #expect(await get("@ann:test").json[member]?.boolValue == false)
            #expect(await put("@ann:test").json[member]?.boolValue == true)
            #expect(await get("@ann:test").json[member]?.boolValue == true)
            #expect(await put("@ann:test", false).json[member]?.boolValue == false)
            #expect(await put("@ann:test", "yes").status == 400)
            #expect(await put("@ann:elsewhere").code == "M_INVALID_PARAM")
            #expect(await put("@nobody:test").code == "M_NOT_FOUND")
            #expect(await put("@other:test").code == "M_FORBIDDEN")
            #expect(await get("@other:test").code == "M_FORBIDDEN")
            #expect(await put("@boss:test").code == "M_FORBIDDEN")
            try await server.accounts.deactivate(ann.userID, erases: false)
            #expect(await get("@ann:test").code == "M_NOT_FOUND")
        }
    }

    @Test func moderationIsACapabilityOfAdministrators() async throws {
        try await TestServer.run { server in
            let ann = try await server.user("ann")
            let name = "m.account_moderation"
            #expect(await server.call("GET", "\(v3)/capabilities", as: ann).json["capabilities"]?[name] == nil)
            try await server.accounts.setAdministrator(true, ann.userID)
            let capability = await server.call("GET", "\(v3)/capabilities", as: ann).json["capabilities"]?[name]
            #expect(capability?["lock"]?.boolValue == true && capability?["suspend"]?.boolValue == true)
        }
    }

    @Test func usersSeeWhereTheyWereAndAdministratorsWhereEverybodyWas() async throws {
        try await TestServer.run { server in
            let (boss, ann) = (try await server.user("boss"), try await server.user("ann", device: "TEAPOT"))
            let own = await server.call("GET", "\(v3)/admin/whois/@ann:test", as: ann)
            let sessions = own.json["devices"]?["TEAPOT"]?["sessions"]
            #expect(own.json["user_id"]?.stringValue == "@ann:test")
            #expect(sessions?[0]?["connections"]?[0]?["ip"]?.stringValue == "127.0.0.1")
            #expect(sessions?[0]?["connections"]?[0]?["last_seen"]?.integerValue == server.clock.now)
            #expect(await server.call("GET", "\(v3)/admin/whois/@boss:test", as: ann).code == "M_FORBIDDEN")
            #expect(await server.call("GET", "\(v3)/admin/whois/@nobody:test", as: ann).code == "M_FORBIDDEN")
            try await server.accounts.setAdministrator(true, boss.userID)
            #expect(await server.call("GET", "\(v3)/admin/whois/@ann:test", as: boss).status == 200)
            #expect(await server.call("GET", "\(v3)/admin/whois/@nobody:test", as: boss).code == "M_NOT_FOUND")
        }
    }
}
