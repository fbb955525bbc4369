import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import OutgoingHTTP
import Push
import ServerUnderTest
import Synchronization
import Testing

/// A push gateway in process: keeps what it is told, and answers as the test says.
final class FakeGateway: OutgoingCaller {
    struct Call: Sendable {
        let url: String
        let json: JSONObject

        var notification: JSONObject { json["notification"]?.objectValue ?? [:] }
        var eventID: String? { notification["event_id"]?.stringValue }
        var unread: Int64? { notification["counts"]?["unread"]?.integerValue }
        var device: JSONValue? { notification["devices"]?[0] }
        var pushkey: String? { device?["pushkey"]?.stringValue }
    }

    private struct State {
        var calls: [Call] = []
        var status: Int? = 200
        var rejected: [String] = []
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }

    /// - Parameter status: nil for a gateway that cannot be reached.
    func answer(_ status: Int?, rejecting rejected: [String] = []) {
        state.withLock { state in
            state.status = status
            state.rejected = rejected
        }
    }

    func forgetCalls() { state.withLock { $0.calls = [] } }

    func send(_ request: OutgoingRequest) async throws(OutgoingHTTPError) -> OutgoingResponse {
        let json = (try? JSONObject(parsing: request.body)) ?? [:]
        let (status, rejected) = state.withLock { state in
            state.calls.append(Call(url: request.url.description, json: json))
            return (state.status, state.rejected)
        }
        guard let status else { throw OutgoingHTTPError(.cannotConnect, "nobody there") }
        let answer: JSONObject = ["rejected": .array(rejected.map { .string($0) })]
        return OutgoingResponse(status: status, body: answer.bytes())
    }
}

let gatewayURL = "https://push.example.org/_matrix/push/v1/notify"

extension TestServer {
    /// A pusher of the user's device.
    func addPusher(
        _ user: TestUser, pushkey: String = "key", appID: String = "org.example.app", data: JSONObject = [:],
        keepsOthers: Bool = false
    ) async throws {
        var data = data
        if data["url"] == nil { data["url"] = .string(gatewayURL) }
        try await push.setPusher(
            PusherSettings(
                key: PusherKey(appID: appID, pushkey: pushkey), kind: "http", appDisplayName: "App",
                deviceDisplayName: "Phone", profileTag: nil, lang: "en", data: data.bytes()),
            of: user.userID, device: user.device, keepsOthers: keepsOthers)
    }

    /// Waits until push has done what there is to do at this time.
    func settle(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<10_000 {
            homeserver.tick()
            if push.isSettled { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("push does not settle", sourceLocation: sourceLocation)
    }

    func pushkeys(of user: TestUser) async throws -> [String] {
        try await push.pushers(of: user.userID).map(\.settings.key.pushkey.string)
    }
}

/// Runs `body` with a server, the gateway it calls, and two users who share a room.
func withGateway(
    _ body: (TestServer, FakeGateway, TestUser, TestUser, RoomID) async throws -> Void
) async throws {
    let gateway = FakeGateway()
    try await TestServer.run(caller: gateway) { server throws in
        let (alice, bob) = (try await server.user("alice"), try await server.user("bob"))
        let roomID = try await server.room(of: [alice, bob])
        try await body(server, gateway, alice, bob, roomID)
    }
}
