import ApplicationServices
import CanonicalJSON
import MatrixAPI
import MatrixIdentifiers
import Testing

/// https://spec.matrix.org/v1.19/application-service-api/#registration
@Suite struct ApplicationServiceTests {
    private let name = ServerName("test")!

    private func registration(
        id: String = "irc", token: String = "as", users: JSONValue = [], aliases: JSONValue = [],
        changing changes: JSONObject = [:]
    ) -> JSONObject {
        var json: JSONObject = [
            "id": .string(id), "url": "http://127.0.0.1:1/", "as_token": .string(token), "hs_token": "hs",
            "sender_localpart": .string("_\(id)_bot"), "namespaces": ["users": users, "aliases": aliases, "rooms": []],
        ]
        for member in changes.members { json[member.key] = member.value }
        return json
    }

    private func service(
        id: String = "irc", token: String = "as", users: JSONValue = [], aliases: JSONValue = [],
        changing changes: JSONObject = [:]
    ) throws -> ApplicationService {
        try ApplicationService(
            registration: registration(id: id, token: token, users: users, aliases: aliases, changing: changes),
            serverName: name)
    }

    private func user(_ string: String) -> UserID { UserID(string)! }

    @Test func aRegistrationIsUnderstood() throws {
        let service = try service(
            users: [["regex": "@_irc_.*", "exclusive": true]],
            changing: ["receive_ephemeral": true, "rate_limited": false, "protocols": ["irc"]])
        #expect(service.id == "irc")
        #expect(service.sender == user("@_irc_bot:test"))
        #expect(service.url?.description == "http://127.0.0.1:1/")
        #expect(service.receivesEphemeral && !service.isRateLimited)
        #expect(service.protocols == ["irc"])
        #expect(service.speaks(for: user("@_irc_alice:test")))
        #expect(service.speaks(for: service.sender))
    }

    @Test func whatIsNotSaidIsUsual() throws {
        let service = try service(changing: ["url": .null])
        #expect(service.url == nil)
        #expect(!service.receivesEphemeral && service.isRateLimited)
        #expect(service.users.isEmpty && service.rooms.isEmpty)
        #expect(try self.service(changing: ["de.sorunome.msc2409.push_ephemeral": true]).receivesEphemeral)
    }

    @Test(
        arguments: [
            (["id": .null], "'id' must be a text"),
            (["as_token": ""], "'as_token' must have 1 to"),
            (["hs_token": "as"], "must not be the same"),
            (["sender_localpart": "Big Bot"], "cannot be the name of a user"),
            (["url": "ftp://example.org"], "'url' must be"),
            (["url": 5], "'url' must be"),
            (["namespaces": []], "'namespaces' is missing"),
            (["namespaces": ["users": ["exclusive": true]]], "'namespaces.users' must be a list"),
            (["namespaces": ["users": [["exclusive": true]]]], "no 'regex'"),
            (["namespaces": ["users": [["regex": "@a", "exclusive": "yes"]]]], "must be true or false"),
            (["namespaces": ["users": [["regex": "@(a", "exclusive": true]]]], "no POSIX regular expression"),
            (["namespaces": ["rooms": [["regex": "!\\d+", "exclusive": true]]]], "\\d, which POSIX does not know"),
            (["rate_limited": "no"], "'rate_limited' must be true or false"),
            (["protocols": "irc"], "'protocols' must be a list"),
        ] as [(JSONObject, String)])
    func whatIsWrongIsNamed(_ changes: JSONObject, _ message: String) throws {
        let fault = #expect(throws: RegistrationFault.self) { try service(changing: changes) }
        #expect(fault?.reason.contains(message) == true, "\(fault?.reason ?? "")")
    }

    /// An expression is held against the beginning of a name, as other homeservers do.
    @Test(arguments: [
        ("@_irc_.*", "@_irc_alice:test", true),
        ("@_irc_", "@_irc_alice:test", true),
        ("^@_irc_.*:test$", "@_irc_alice:test", true),
        ("_irc_", "@_irc_alice:test", false),
        ("@a|@b", "@bob:test", true),
        ("@a|@b", "@cab:test", false),
        ("@_irc_[0-9]+:test", "@_irc_12:test", true),
        ("@_irc_[0-9]+:test", "@_irc_x:test", false),
        ("@.*\\.irc:test", "@a.irc:test", true),
        ("@.*\\.irc:test", "@aXirc:test", false),
    ])
    func aNamespaceIsAnExpression(_ regex: String, _ name: String, _ isInside: Bool) throws {
        let service = try service(users: [["regex": .string(regex), "exclusive": false]])
        #expect(service.users.contains(name) == isInside)
        #expect(!service.users.isExclusive(name))
    }

    /// Rule 17: it speaks for users of this server in its namespaces, and for nobody else.
    @Test func usersOfOtherServersAreNobodysGhosts() throws {
        let service = try service(users: [["regex": "@_irc_.*", "exclusive": true]])
        #expect(!service.speaks(for: user("@_irc_alice:elsewhere")))
        #expect(!service.speaks(for: user("@alice:test")))
    }

    @Test func namesBelongToWhoHasThemForHimself() throws {
        let irc = try service(
            users: [["regex": "@_irc_.*", "exclusive": true], ["regex": "@guest_.*", "exclusive": false]],
            aliases: [["regex": "#_irc_.*", "exclusive": true]])
        let other = try service(
            id: "other", token: "other as", users: [["regex": "@.*", "exclusive": false]],
            aliases: [["regex": "#.*", "exclusive": false]])
        let table = try ApplicationServiceTable([irc, other])
        func refusal(_ userID: String, by service: ApplicationService?) -> ErrorCode? {
            do throws(MatrixError) {
                try table.check(user(userID), madeBy: service)
                return nil
            } catch { return error.code }
        }
        func refusal(alias: String, by service: ApplicationService?) -> ErrorCode? {
            do throws(MatrixError) {
                try table.check(RoomAlias(alias)!, madeBy: service)
                return nil
            } catch { return error.code }
        }
        #expect(refusal("@_irc_alice:test", by: nil) == .exclusive)
        #expect(refusal("@_irc_alice:test", by: irc) == nil)
        #expect(refusal("@_irc_alice:test", by: other) == .exclusive, "a wide namespace does not open another's")
        #expect(refusal("@_irc_bot:test", by: nil) == .exclusive, "the sender is the service's own")
        #expect(refusal("@guest_1:test", by: nil) == nil)
        #expect(refusal("@alice:test", by: irc) == .exclusive, "outside of its namespaces")
        #expect(refusal("@alice:test", by: nil) == nil)
        #expect(refusal(alias: "#_irc_swift:test", by: nil) == .exclusive)
        #expect(refusal(alias: "#_irc_swift:test", by: irc) == nil)
        #expect(refusal(alias: "#swift:test", by: irc) == .exclusive)
        #expect(refusal(alias: "#swift:test", by: nil) == nil)
    }

    @Test func servicesMustBeToldApart() throws {
        #expect(throws: RegistrationFault.self) {
            try ApplicationServiceTable([service(), service(token: "another")])
        }
        #expect(throws: RegistrationFault.self) {
            try ApplicationServiceTable([service(), service(id: "another")])
        }
        let table = try ApplicationServiceTable([service(), service(id: "another", token: "another")])
        #expect(table.service(accessToken: "another")?.id == "another")
        #expect(table.service(accessToken: "hs") == nil)
        #expect(table.service(accessToken: "") == nil)
    }
}
