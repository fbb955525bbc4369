import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// The ways to a session.
struct SigningIn {
    private let configuration: ClientConfiguration
    private let caller: ServerCaller

    init(_ configuration: ClientConfiguration) {
        self.configuration = configuration
        var homeserver = configuration.homeserver
        while homeserver.hasSuffix("/") { homeserver.removeLast() }
        caller = ServerCaller(transport: configuration.transport, homeserver: homeserver)
    }

    // MARK: Accounts

    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3register
    func signUp(
        _ name: String, password: String, registrationToken: String?
    ) async throws(ClientError) -> Session {
        try checkStore(for: nil)
        guard UserID.isValidNewLocalpart(name) else {
            throw ClientError(.invalidRequest, "a user name has letters a to z, digits and ._=/+- only")
        }
        var body: JSONObject = [
            "username": .string(name), "password": .string(password), "refresh_token": true,
            "initial_device_display_name": .string(configuration.deviceName),
        ]
        // Each round fulfils one stage; no flow has more.
        for _ in 0..<8 {
            let response = try await post(.register, body)
            guard response.status == 401, let state = ServerCaller.object(response.body),
                state["flows"] != nil
            else {
                let session = try begin(ServerCaller.json(response))
                await session.engine.expectFirstIdentity(password: password)
                return session
            }
            body["auth"] = .object(try RegistrationFlow(state).nextStage(registrationToken: registrationToken))
        }
        throw ClientError(.brokenAnswer, "the registration does not come to an end")
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3login
    func signIn(_ user: String, password: String, deviceID: String? = nil) async throws(ClientError) -> Session {
        try checkStore(for: nil)
        return try begin(try await logIn(user, password: password, deviceID: deviceID))
    }

    func logIn(_ user: String, password: String, deviceID: String?) async throws(ClientError) -> JSONObject {
        var body: JSONObject = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(user)],
            "password": .string(password), "refresh_token": true,
            "initial_device_display_name": .string(configuration.deviceName),
        ]
        if let deviceID { body["device_id"] = .string(deviceID) }
        return try ServerCaller.json(try await post(.login, body))
    }

    private func post(_ endpoint: Endpoint, _ body: JSONObject) async throws(ClientError) -> TransportResponse {
        let call = ServerCaller.Call(
            method: endpoint.method.rawValue, target: endpoint.target([:]), body: body.bytes())
        return try await caller.send(call, token: nil)
    }

    // MARK: Stores

    func restore() throws(ClientError) -> Session? {
        guard let record = try configuration.store.value(of: Credentials.key) else { return nil }
        guard let credentials = ServerCaller.object(record).flatMap({ Credentials(json: $0) }) else {
            throw ClientError(.store, "the stored session cannot be read")
        }
        return Session(engine: try Engine(credentials: credentials, configuration: configuration))
    }

    private func begin(_ answer: JSONObject) throws(ClientError) -> Session {
        // The server may name another address for itself.
        var homeserver = caller.homeserver
        if let url = answer["well_known"]?["m.homeserver"]?["base_url"]?.stringValue, url.hasPrefix("https://") {
            homeserver = url
            while homeserver.hasSuffix("/") { homeserver.removeLast() }
        }
        let now = configuration.environment.now()
        guard let credentials = Credentials(answer: answer, homeserver: homeserver, now: now) else {
            throw ClientError(.brokenAnswer, "the server does not say who is signed in")
        }
        try configuration.store.commit([StoreChange(Credentials.key, credentials.json.bytes())])
        return Session(engine: try Engine(credentials: credentials, configuration: configuration))
    }

    /// Two sessions in one store would mix their keys.
    private func checkStore(for user: UserID?) throws(ClientError) {
        guard try configuration.store.value(of: Credentials.key) == nil else {
            throw ClientError(.invalidRequest, "the store holds a session already: restore it, or sign out first")
        }
    }
}

/// The stages that a server asks for before it makes an account.
///
/// https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
package struct RegistrationFlow: Equatable {
    let session: String?
    let flows: [[String]]
    let completed: [String]
    private let reason: String?

    private static let token = "m.login.registration_token"
    private static let dummy = "m.login.dummy"

    package init(_ state: JSONObject) {
        session = state.string(at: "session")
        flows = state.objects(at: "flows").map { $0.strings(at: "stages") }
        completed = state.strings(at: "completed")
        // Set when the stage before was not passed.
        reason = state.string(at: "errcode").map { _ in state.string(at: "error") ?? "" }
    }

    /// - Throws: ``ClientError/Code/unsupported`` when no flow consists of stages that we know, and
    ///   ``ClientError/Code/refused(errorCode:)`` when the last stage was not passed.
    package func nextStage(registrationToken: String?) throws(ClientError) -> JSONObject {
        if let reason { throw ClientError(.refused(errorCode: ErrorCode.forbidden.rawValue), reason) }
        let passable = flows.filter { stages in
            stages.allSatisfy { $0 == Self.dummy || ($0 == Self.token && registrationToken != nil) }
        }
        // With a token, a flow that asks for it comes first: it may be why one has been given.
        let flow = passable.first { $0.contains(Self.token) } ?? passable.first
        guard let flow, let stage = flow.first(where: { !completed.contains($0) }) ?? flow.last else {
            if flows.contains(where: { $0.contains(Self.token) }) {
                throw ClientError(.invalidRequest, "the server asks for a registration token")
            }
            let stages = Set(flows.joined()).sorted().joined(separator: ", ")
            throw ClientError(.unsupported, "the server makes accounts on its web pages only (\(stages))")
        }
        var auth: JSONObject = ["type": .string(stage)]
        if let session { auth["session"] = .string(session) }
        if stage == Self.token, let registrationToken { auth["token"] = .string(registrationToken) }
        return auth
    }
}
