import ApplicationServices
import CanonicalJSON
import HTTPServing
import Homeserver
import MatrixAPI
import MatrixIdentifiers
import OutgoingHTTP
import ServerUnderTest
import Synchronization
import Testing

/// An application service in process: keeps what it is told, and answers as the test says.
final class FakeService: OutgoingCaller {
    struct Call: Sendable {
        let method: String
        let target: String
        let authorization: String?
        let body: [UInt8]

        var json: JSONObject { (try? JSONObject(parsing: body)) ?? [:] }
        var transactionID: String? {
            guard let range = target.firstRange(of: "/transactions/") else { return nil }
            return String(target[range.upperBound...])
        }
        var events: [JSONValue] { json["events"]?.arrayValue ?? [] }
        var ephemeral: [JSONValue] { json["ephemeral"]?.arrayValue ?? [] }
        var bodies: [String] { events.compactMap { $0["content"]?["body"]?.stringValue } }
    }

    typealias Handler = @Sendable (Call) async -> (status: Int, json: JSONValue)?

    private struct State {
        var calls: [Call] = []
        /// Nil for what cannot be reached.
        var handler: Handler = { _ in (200, [:]) }
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    var transactions: [Call] { calls.filter { $0.transactionID != nil } }
    var events: [JSONValue] { transactions.flatMap(\.events) }
    var bodies: [String] { transactions.flatMap(\.bodies) }

    func forgetCalls() { state.withLock { $0.calls = [] } }
    func answer(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }
    func answer(_ status: Int?) { answer { _ in status.map { ($0, [:]) } } }

    func send(_ request: OutgoingRequest) async throws(OutgoingHTTPError) -> OutgoingResponse {
        let authorization = request.headers.first { $0.name == "Authorization" }?.value
        let call = Call(
            method: request.method, target: request.url.target, authorization: authorization, body: request.body)
        let handler = state.withLock { state in
            state.calls.append(call)
            return state.handler
        }
        guard let (status, json) = await handler(call) else { throw OutgoingHTTPError(.cannotConnect, "nobody there") }
        return OutgoingResponse(status: status, body: json.bytes())
    }
}

let serviceToken = "the bridge's token"

func ircService(_ changes: JSONObject = [:]) throws -> ApplicationService {
    var json: JSONObject = [
        "id": "irc", "url": "http://127.0.0.1:9999/bridge", "as_token": .string(serviceToken),
        "hs_token": "the server's token", "sender_localpart": "_irc_bot",
        "namespaces": [
            "users": [["regex": "@_irc_.*", "exclusive": true]],
            "aliases": [["regex": "#_irc_.*", "exclusive": true]], "rooms": [],
        ],
    ]
    for member in changes.members { json[member.key] = member.value }
    return try ApplicationService(registration: json, serverName: TestServer.name)
}

/// Runs `body` with a server and the application service that it calls.
func withService(
    _ changes: JSONObject = [:], others: [JSONObject] = [],
    configure: @escaping @Sendable (inout HomeserverConfiguration) -> Void = { _ in },
    _ body: (TestServer, FakeService) async throws -> Void
) async throws {
    let fake = FakeService()
    let services = try ApplicationServiceTable([ircService(changes)] + others.map(ircService))
    try await TestServer.run(
        configure: { configuration in
            configuration.accounts.applicationServices = services
            configure(&configuration)
        }, caller: fake
    ) { server throws in
        try await body(server, fake)
    }
}

extension TestServer {
    /// Waits until the services have been told what there is to tell at this time.
    func settle(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<10_000 {
            homeserver.tick()
            if homeserver.bridging.isSettled { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("the service is not told", sourceLocation: sourceLocation)
    }

    /// A request of the application service.
    func bridge(
        _ method: String, _ path: String, as localpart: String? = nil, json: JSONObject? = nil,
        token: String = serviceToken
    ) async -> BridgeAnswer {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        var query = parts.count > 1 ? [parts[1]] : []
        if let localpart { query.append("user_id=%40\(localpart)%3Atest") }
        let response = await api.respond(
            to: HTTPRequest(
                method: method, path: parts[0], query: query.joined(separator: "&"),
                headers: [("Authorization", "Bearer \(token)")], body: json?.bytes() ?? []))
        return BridgeAnswer(status: response.status, json: (try? JSONObject(parsing: response.body)) ?? [:])
    }

    /// Has the application service make one of its users.
    func ghost(_ localpart: String) async throws {
        let answer = await bridge(
            "POST", "\(v3)/register",
            json: [
                "type": "m.login.application_service", "username": .string(localpart), "inhibit_login": true,
            ])
        try #require(answer.status == 200, "\(answer)")
    }
}

struct BridgeAnswer {
    let status: Int
    let json: JSONObject

    var code: String? { json["errcode"]?.stringValue }
}

let v3 = "/_matrix/client/v3"

func encoded(_ text: String) -> String { PercentEncoding.encode(text) }
