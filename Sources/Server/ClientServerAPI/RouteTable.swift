import HTTPServing
import MatrixAPI

/// The endpoints that are served, with their handlers.
struct RouteTable: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Reply

    struct Route: Sendable {
        let endpoint: Endpoint
        let handler: Handler
    }

    private(set) var router = Router<Route>()
    private(set) var endpoints: [Endpoint] = []

    /// - Parameter other: a further operation of the specification with the same method and path, which the handler
    ///   tells apart.
    mutating func on(_ endpoint: Endpoint, or other: Endpoint? = nil, use handler: @escaping Handler) {
        if let other { endpoints.append(other) }
        endpoints.append(endpoint)
        for path in [endpoint.path] + endpoint.otherPaths {
            router.add(
                method: endpoint.method.rawValue, template: path, value: Route(endpoint: endpoint, handler: handler))
        }
    }
}

/// The routes of one file of the specification's OpenAPI.
protocol Routes: Sendable {
    func register(on table: inout RouteTable)
}
