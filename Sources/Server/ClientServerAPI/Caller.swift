import Accounts
import ApplicationServices
import HTTPServing
import MatrixAPI

/// Who makes a request, as far as he says.
struct Caller: Sendable {
    var session: Session?
    /// The application service whose token came with the request.
    var applicationService: ApplicationService?

    static let nobody = Caller()

    /// Whether he may ask as much as he likes: an application service for itself, and for its users when its
    /// registration says so.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#registration
    var isExemptFromRateLimits: Bool {
        guard let applicationService else { return false }
        return !applicationService.isRateLimited || session.map { $0.userID == applicationService.sender } ?? true
    }
}

/// Finds out who makes a request.
struct CallerAuthentication: Sendable {
    let accounts: AccountService

    func caller(of request: HTTPRequest, at endpoint: Endpoint) async throws -> Caller {
        let token = Self.accessToken(of: request)
        if let token, let service = accounts.applicationServices.service(accessToken: token) {
            guard endpoint.authentication != .none else { return Caller(applicationService: service) }
            return Caller(session: try await session(of: service, request), applicationService: service)
        }
        switch (endpoint.authentication, token) {
        case (.none, _), (.optionalAccessToken, nil): return .nobody
        case (.accessToken, nil): throw Self.missingToken
        case (.accessToken, .some(let token)), (.optionalAccessToken, .some(let token)):
            return Caller(
                session: try await accounts.session(accessToken: token, remoteAddress: ClientAddress.of(request)))
        }
    }

    /// https://spec.matrix.org/v1.19/application-service-api/#identity-assertion
    private func session(of service: ApplicationService, _ request: HTTPRequest) async throws -> Session {
        let query = QueryParameters(request.query)
        // The other name is that of before version 1.17, which bridges still send.
        let deviceID = query["device_id"] ?? query["org.matrix.msc3202.device_id"]
        return try await accounts.session(
            of: service, userID: query["user_id"], deviceID: deviceID, remoteAddress: ClientAddress.of(request))
    }

    static let missingToken = MatrixError(401, .missingToken, "an access token is needed")

    /// https://spec.matrix.org/v1.19/client-server-api/#using-access-tokens
    static func accessToken(of request: HTTPRequest) -> String? {
        if let header = request.header("authorization") {
            let parts = header.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1])
        }
        guard request.query.utf8.count > 0 else { return nil }
        return QueryParameters(request.query)["access_token"]
    }
}

extension Call {
    /// The application service that asks, where nobody else may: `m.login.application_service`.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#server-admin-style-permissions
    func requiredApplicationService() throws(MatrixError) -> ApplicationService {
        if let applicationService { return applicationService }
        guard CallerAuthentication.accessToken(of: request) != nil else { throw CallerAuthentication.missingToken }
        throw MatrixError(401, .unknownToken, "the access token is not that of an application service")
    }

    /// When an application service says that an event happened, in milliseconds since 1970; nil for now.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#timestamp-massaging
    func massagedTimestamp() throws(MatrixError) -> Int64? {
        guard applicationService != nil, let timestamp = try integer("ts") else { return nil }
        guard (0...Self.maximumTimestamp).contains(timestamp) else {
            throw .invalidParameter("'ts' must be a number of milliseconds from 0 to \(Self.maximumTimestamp)")
        }
        return timestamp
    }

    /// The largest integer of canonical JSON: https://spec.matrix.org/v1.19/appendices/#canonical-json
    private static let maximumTimestamp: Int64 = 9_007_199_254_740_991
}
