import HTTPServing
import MatrixAPI
import MatrixClientAPI

/// The endpoints that are served, with their handlers.
struct RouteTable: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Reply

    struct Route: Sendable {
        let endpoint: Endpoint
        let handler: Handler
        let statistics: OperationStatistics
        /// What the endpoint says of itself, looked up once.
        let bucket: RateLimitBucket?
        let isOpenToLocked: Bool
        let isOpenToSuspended: Bool

        init(endpoint: Endpoint, handler: @escaping Handler, statistics: OperationStatistics) {
            self.endpoint = endpoint
            self.handler = handler
            self.statistics = statistics
            bucket = endpoint.rateLimitBucket
            isOpenToLocked = endpoint.isOpenToLocked
            isOpenToSuspended = endpoint.isOpenToSuspended
        }
    }

    private(set) var router = Router<Route>()
    private(set) var endpoints: [Endpoint] = []
    private(set) var statistics: [OperationStatistics] = []

    /// - Parameter other: a further operation of the specification with the same method and path, which the handler
    ///   tells apart.
    mutating func on(_ endpoint: Endpoint, or other: Endpoint? = nil, use handler: @escaping Handler) {
        if let other { endpoints.append(other) }
        endpoints.append(endpoint)
        let statistics = OperationStatistics(operationID: endpoint.operationID)
        self.statistics.append(statistics)
        for path in [endpoint.path] + endpoint.otherPaths {
            router.add(
                method: endpoint.method.rawValue, template: path,
                value: Route(endpoint: endpoint, handler: handler, statistics: statistics))
        }
    }
}

/// The routes of one file of the specification's OpenAPI.
protocol Routes: Sendable {
    func register(on table: inout RouteTable)
}
