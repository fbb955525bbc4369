import CanonicalJSON
import Crypto
import MatrixAPI
import ServerEnvironment
import Synchronization
import UnpaddedBase64

/// The 401 that asks a client for the next stage.
///
/// https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
public struct InteractiveAuthenticationRequired: Error, Sendable {
    public let body: JSONObject
}

/// Keeps the sessions of user-interactive authentication: which stages a client has completed for which request.
public final class InteractiveAuthentication: Sendable {
    private struct OpenSession {
        let operation: String
        /// The body of the first request, which later ones may leave out.
        let body: JSONObject
        var completed: [AuthenticationStage] = []
        let createdAt: Int64
    }

    package static let maximumSessions = 5_000
    private static let maximumBodyBytes = 16_384
    private static let lifetimeMilliseconds: Int64 = 60 * 60 * 1000

    private let environment: ServerEnvironment
    private let sessions = Mutex<[String: OpenSession]>([:])

    public init(environment: ServerEnvironment) { self.environment = environment }

    /// Answers the body of the operation once a flow is complete.
    ///
    /// - Parameters:
    ///   - operation: what the session is bound to; a session of one operation does not open another.
    ///   - mayChangeBody: whether a later request may ask for something else than the first (sign-up asks for the
    ///     flows before it knows the name).
    ///   - verify: checks one stage's credentials.
    /// - Throws: ``InteractiveAuthenticationRequired`` while stages are missing.
    public func authorize(
        operation: String, body: JSONObject, flows: [[AuthenticationStage]], mayChangeBody: Bool = false,
        verify: (AuthenticationStage, JSONObject) async throws -> Void
    ) async throws -> JSONObject {
        var request = body
        request["auth"] = nil
        guard let auth = try body.optionalObject("auth") else {
            throw InteractiveAuthenticationRequired(body: try challenge(openSession(operation, request), flows: flows))
        }
        guard let sessionID = try auth.optionalString("session") else {
            // Clients that know the flows send a stage at once.
            let sessionID = try openSession(operation, request)
            return try await attempt(auth, sessionID, operation, request, flows, mayChangeBody, verify)
        }
        return try await attempt(auth, sessionID, operation, request, flows, mayChangeBody, verify)
    }

    private func attempt(
        _ auth: JSONObject, _ sessionID: String, _ operation: String, _ request: JSONObject,
        _ flows: [[AuthenticationStage]], _ mayChangeBody: Bool,
        _ verify: (AuthenticationStage, JSONObject) async throws -> Void
    ) async throws -> JSONObject {
        guard let session = sessions.withLock({ $0[sessionID] }), session.operation == operation, !isExpired(session)
        else { throw MatrixError.invalidParameter("'auth.session' is unknown or has expired; begin without it") }
        let effective = request.isEmpty ? session.body : request
        guard mayChangeBody || effective == session.body else {
            throw MatrixError.forbidden("the request is not the one that this authentication session began with")
        }
        // Without a type the client only asks whether stages were completed elsewhere.
        if let type = try auth.optionalString("type") {
            guard let stage = AuthenticationStage(rawValue: type), flows.contains(where: { $0.contains(stage) }) else {
                throw MatrixError.invalidParameter("'auth.type' is not a stage of this operation: '\(type.prefix(60))'")
            }
            do {
                try await verify(stage, auth)
            } catch let error as MatrixError where error.status == 401 || error.status == 403 {
                var body = challenge(sessionID, flows: flows)
                for member in error.json.members { body[member.key] = member.value }
                throw InteractiveAuthenticationRequired(body: body)
            }
            sessions.withLock { $0[sessionID]?.completed.append(stage) }
        }
        let completed = Set(sessions.withLock { $0[sessionID]?.completed } ?? [])
        guard flows.contains(where: { completed.isSuperset(of: $0) }) else {
            throw InteractiveAuthenticationRequired(body: challenge(sessionID, flows: flows))
        }
        return effective
    }

    /// Ends a session once its operation is done; until then the operation may be tried again.
    public func finish(_ body: JSONObject) {
        guard let sessionID = body["auth"]?.objectValue?["session"]?.stringValue else { return }
        sessions.withLock { $0[sessionID] = nil }
    }

    private func isExpired(_ session: OpenSession) -> Bool {
        environment.timestamp - session.createdAt > Self.lifetimeMilliseconds
    }

    private func openSession(_ operation: String, _ request: JSONObject) throws(MatrixError) -> String {
        guard request.bytes().count <= Self.maximumBodyBytes else {
            throw .tooLarge("the request is too large for user-interactive authentication")
        }
        let sessionID = UnpaddedBase64.encode(environment.randomBytes(18), alphabet: .urlSafe)
        let session = OpenSession(operation: operation, body: request, createdAt: environment.timestamp)
        sessions.withLock { sessions in
            if sessions.count >= Self.maximumSessions {
                sessions = sessions.filter { !isExpired($0.value) }
                // Still full: the earliest give way, so that nobody can lock others out by opening many.
                let excess = sessions.sorted { $0.value.createdAt < $1.value.createdAt }
                    .prefix(max(0, sessions.count - Self.maximumSessions * 9 / 10))
                for (key, _) in excess { sessions[key] = nil }
            }
            sessions[sessionID] = session
        }
        return sessionID
    }

    private func challenge(_ sessionID: String, flows: [[AuthenticationStage]]) -> JSONObject {
        let completed = sessions.withLock { $0[sessionID]?.completed } ?? []
        var body: JSONObject = [
            "session": .string(sessionID),
            "flows": .array(
                flows.map { .object(["stages": .array($0.map { .string($0.rawValue) })]) }),
            "params": .object([:]),
        ]
        if !completed.isEmpty { body["completed"] = .array(completed.map { .string($0.rawValue) }) }
        return body
    }
}
