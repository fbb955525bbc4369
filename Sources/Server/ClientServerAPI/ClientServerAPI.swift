import AccountPages
import Accounts
import CanonicalJSON
import HTTPServing
import Homeserver
import HomeserverStore
import Logging
import MatrixAPI
import Metrics
import Rooms
import ServerEnvironment
import Sync

/// The client-server API: finds the endpoint, authenticates, and turns values and errors into answers.
public struct ClientServerAPI: HTTPResponder {
    private let table: RouteTable
    private let authentication: CallerAuthentication
    private let admission: Admission
    private let pages: AccountPages
    private let logger: Logger
    private let unmatched = OperationStatistics(operationID: "none")

    /// - Parameter baseURL: where clients find this server, when the operator has named it.
    public init(homeserver: Homeserver, baseURL: String?, logger: Logger) {
        let (accounts, rooms) = (homeserver.accounts, homeserver.rooms)
        let environment = homeserver.environment
        authentication = CallerAuthentication(accounts: accounts)
        admission = Admission(limiter: homeserver.rateLimiter)
        self.logger = logger
        let presenter = EventPresenter(rooms: rooms, accounts: accounts, environment: environment)
        let profile = ProfileRoutes(accounts: accounts, rooms: rooms)
        let pages = AccountPages(
            accounts: accounts, oauth: homeserver.oauth, limiter: homeserver.rateLimiter, environment: environment,
            baseURL: baseURL,
            changeDisplayName: { name, userID in
                try await profile.change("displayname", to: name.isEmpty ? nil : .string(name), of: userID)
            })
        self.pages = pages
        var table = RouteTable()
        let parts = AllRoutes(
            homeserver: homeserver, presenter: presenter, pages: pages, profile: profile, baseURL: baseURL)
        for routes in [parts.accounts, parts.rooms, parts.reading, parts.encryption, parts.server] {
            for route in routes { route.register(on: &table) }
        }
        self.table = table
    }

    /// The endpoints that are served.
    public var endpoints: [Endpoint] { table.endpoints }

    /// What was asked so far, operation by operation; at the end what found none.
    public var statistics: [OperationStatistics] { table.statistics + [unmatched] }

    // MARK: Answering

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        // Browsers ask before they call; https://spec.matrix.org/v1.19/client-server-api/#web-browser-clients
        if request.method == "OPTIONS" { return Self.response(200, Array("{}".utf8)) }
        let watch = Stopwatch()
        let match = match(request)
        let statistics = if case .found(let route, _) = match { route.statistics } else { unmatched }
        let response: HTTPResponse
        do {
            switch try await reply(to: request, match) {
            case .json(let object): response = Self.response(200, object.bytes())
            case .bytes(let bytes): response = Self.response(200, bytes)
            case .http(let answer): response = answer
            }
        } catch {
            response = self.response(to: error, request: request)
        }
        statistics.note(status: response.status, after: watch.elapsed)
        return response
    }

    private func reply(to request: HTTPRequest, _ match: Router<RouteTable.Route>.Match) async throws -> Reply {
        switch match {
        case .found(let route, let parameters):
            let caller = try await authentication.caller(of: request, at: route.endpoint)
            try admission.admit(caller, to: route, request)
            return try await route.handler(Call(request: request, parameters: parameters, caller: caller))
        case .methodNotAllowed:
            throw MatrixError(405, .unrecognized, "this endpoint does not have the method \(request.method)")
        case .notFound:
            if let page = try await pages.respond(to: request, address: ClientAddress.of(request)) {
                return .http(page)
            }
            throw MatrixError(404, .unrecognized, "there is no such endpoint")
        case .malformed:
            throw MatrixError.invalidParameter("the path is not percent-encoded UTF-8 without NUL")
        }
    }

    /// Old clients say `r0` where the specification now says `v3`; the operations are the same.
    private func match(_ request: HTTPRequest) -> Router<RouteTable.Route>.Match {
        let old = "/_matrix/client/r0/"
        guard request.path.hasPrefix(old) else { return table.router.match(method: request.method, path: request.path) }
        return table.router.match(
            method: request.method, path: "/_matrix/client/v3/" + request.path.dropFirst(old.count))
    }

    // MARK: Errors

    public func respondToOversizedBody(limitBytes: Int) -> HTTPResponse {
        Self.response(413, MatrixError.tooLarge("the body has more than \(limitBytes) bytes").json.bytes())
    }

    private func response(to error: any Error, request: HTTPRequest) -> HTTPResponse {
        switch error {
        case let error as MatrixError:
            var response = Self.response(error.status, error.json.bytes())
            if let seconds = error.retryAfterSeconds { response.headers.append(("Retry-After", String(seconds))) }
            return response
        case let error as InteractiveAuthenticationRequired:
            return Self.response(401, error.body.bytes())
        case is WriteQueue.Refused:
            return self.response(
                to: MatrixError(503, .unknown, "the server is too busy; try again"), request: request)
        default:
            // The path may hold identifiers, so the operator is told only what kind of request it was.
            logger.error("request failed", metadata: ["method": "\(request.method)", "error": "\(error)"])
            return Self.response(500, MatrixError(500, .unknown, "the server failed").json.bytes())
        }
    }

    static func response(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: body)
    }

    private static let headers: [(name: String, value: String)] = [
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
        ("Access-Control-Allow-Headers", "X-Requested-With, Content-Type, Authorization"),
    ]
}
