import CanonicalJSON
import Crypto
import MatrixAPI
import MatrixIdentifiers
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
        let flows: [[AuthenticationStage]]
        let params: JSONObject
        /// Whose account it is about; nil before there is one.
        let userID: UserID?
        var completed: [AuthenticationStage] = []
        /// What a stage was completed with, when it is needed at the end.
        var notes: [AuthenticationStage: String] = [:]
        let createdAt: Int64
    }

    /// A request that has been authorised.
    public struct Authorized: Sendable {
        /// The body without `auth`, or that of the session's first request when this one had none.
        public let request: JSONObject
        public let sessionID: String

        init(request: JSONObject, sessionID: String) {
            self.request = request
            self.sessionID = sessionID
        }

        /// A request of somebody who need not authenticate.
        public init(unasked request: JSONObject) {
            self.init(request: request, sessionID: "")
        }
    }

    /// What the operation asks for.
    public struct Demand: Sendable {
        /// What the session is bound to; a session of one operation does not open another.
        public let operation: String
        public let flows: [[AuthenticationStage]]
        /// What clients need to know of the stages.
        public var params: JSONObject = [:]
        /// Whose account it is about; nil before there is one.
        public var userID: UserID?
        /// Whether a later request may ask for something else than the first (sign-up asks for the flows before it
        /// knows the name).
        public var mayChangeBody = false

        public init(operation: String, flows: [[AuthenticationStage]]) {
            self.operation = operation
            self.flows = flows
        }
    }

    package static let maximumSessions = 5_000
    private static let maximumBodyBytes = 16_384
    private static let lifetimeMilliseconds: Int64 = 60 * 60 * 1000

    private let environment: ServerEnvironment
    private let sessions = Mutex<[String: OpenSession]>([:])

    public init(environment: ServerEnvironment) { self.environment = environment }

    /// Answers the body of the operation once a flow is complete: see ``authorize(_:body:verify:)``.
    public func authorize(
        operation: String, body: JSONObject, flows: [[AuthenticationStage]], mayChangeBody: Bool = false,
        verify: (AuthenticationStage, JSONObject) async throws -> Void
    ) async throws -> JSONObject {
        var demand = Demand(operation: operation, flows: flows)
        demand.mayChangeBody = mayChangeBody
        return try await authorize(demand, body: body) { stage, auth in
            try await verify(stage, auth)
            return nil
        }.request
    }

    /// Answers the operation's request once a flow is complete.
    ///
    /// - Parameter verify: checks one stage's credentials, and answers what is to be remembered of them.
    /// - Throws: ``InteractiveAuthenticationRequired`` while stages are missing.
    public func authorize(
        _ demand: Demand, body: JSONObject, verify: (AuthenticationStage, JSONObject) async throws -> String?
    ) async throws -> Authorized {
        var request = body
        request["auth"] = nil
        guard let auth = try body.optionalObject("auth") else {
            throw InteractiveAuthenticationRequired(body: challenge(try openSession(demand, request), demand))
        }
        // Clients that know the flows send a stage at once, without a session.
        let sessionID = try auth.optionalString("session") ?? openSession(demand, request)
        guard let session = sessions.withLock({ $0[sessionID] }), session.operation == demand.operation,
            !isExpired(session)
        else { throw MatrixError.invalidParameter("'auth.session' is unknown or has expired; begin without it") }
        let effective = request.isEmpty ? session.body : request
        guard demand.mayChangeBody || effective == session.body else {
            throw MatrixError.forbidden("the request is not the one that this authentication session began with")
        }
        // Without a type the client only asks whether stages were completed elsewhere.
        if let type = try auth.optionalString("type") {
            guard let stage = AuthenticationStage(rawValue: type),
                demand.flows.contains(where: { $0.contains(stage) })
            else {
                throw MatrixError.invalidParameter("'auth.type' is not a stage of this operation: '\(type.prefix(60))'")
            }
            do {
                complete(stage, of: sessionID, note: try await verify(stage, auth))
            } catch let error as MatrixError where error.status == 401 || error.status == 403 {
                var body = challenge(sessionID, demand)
                for member in error.json.members { body[member.key] = member.value }
                throw InteractiveAuthenticationRequired(body: body)
            }
        }
        let completed = Set(sessions.withLock { $0[sessionID]?.completed } ?? [])
        guard demand.flows.contains(where: { completed.isSuperset(of: $0) }) else {
            throw InteractiveAuthenticationRequired(body: challenge(sessionID, demand))
        }
        return Authorized(request: effective, sessionID: sessionID)
    }

    private func complete(_ stage: AuthenticationStage, of sessionID: String, note: String?) {
        sessions.withLock { sessions in
            if sessions[sessionID]?.completed.contains(stage) == false { sessions[sessionID]?.completed.append(stage) }
            if let note { sessions[sessionID]?.notes[stage] = note }
        }
    }

    /// What a stage was completed with.
    public func note(of stage: AuthenticationStage, sessionID: String) -> String? {
        sessions.withLock { $0[sessionID]?.notes[stage] }
    }

    /// Ends a session once its operation is done; until then the operation may be tried again.
    public func finish(_ body: JSONObject) {
        guard let sessionID = body["auth"]?.objectValue?["session"]?.stringValue else { return }
        finish(sessionID: sessionID)
    }

    public func finish(sessionID: String) { sessions.withLock { $0[sessionID] = nil } }

    // MARK: Stages completed on our own pages

    /// What a page has to know of a session.
    public struct OpenStage: Sendable {
        public let userID: UserID?
        /// Of `params`, the stage's own.
        public let params: JSONObject
        public let isCompleted: Bool
    }

    /// Nil when there is no such session, or it has no such stage.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#fallback
    public func openStage(_ stage: AuthenticationStage, sessionID: String) -> OpenStage? {
        guard let session = sessions.withLock({ $0[sessionID] }), !isExpired(session),
            session.flows.contains(where: { $0.contains(stage) })
        else { return nil }
        return OpenStage(
            userID: session.userID, params: session.params[stage.rawValue]?.objectValue ?? [:],
            isCompleted: session.completed.contains(stage))
    }

    /// The page has seen the credentials; the client learns of it when it asks again.
    public func complete(_ stage: AuthenticationStage, sessionID: String, note: String? = nil) {
        guard openStage(stage, sessionID: sessionID) != nil else { return }
        complete(stage, of: sessionID, note: note)
    }

    private func isExpired(_ session: OpenSession) -> Bool {
        environment.timestamp - session.createdAt > Self.lifetimeMilliseconds
    }

    private func openSession(_ demand: Demand, _ request: JSONObject) throws(MatrixError) -> String {
        guard request.bytes().count <= Self.maximumBodyBytes else {
            throw .tooLarge("the request is too large for user-interactive authentication")
        }
        let sessionID = UnpaddedBase64.encode(environment.randomBytes(18), alphabet: .urlSafe)
        let session = OpenSession(
            operation: demand.operation, body: request, flows: demand.flows, params: demand.params,
            userID: demand.userID, createdAt: environment.timestamp)
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

    private func challenge(_ sessionID: String, _ demand: Demand) -> JSONObject {
        let completed = sessions.withLock { $0[sessionID]?.completed } ?? []
        var body: JSONObject = [
            "session": .string(sessionID),
            "flows": .array(
                demand.flows.map { .object(["stages": .array($0.map { .string($0.rawValue) })]) }),
            "params": .object(demand.params),
        ]
        if !completed.isEmpty { body["completed"] = .array(completed.map { .string($0.rawValue) }) }
        return body
    }
}
