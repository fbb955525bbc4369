/// An operation of the specification: where it is and who may call it. Declared once, for server, SDK and tests.
public struct Endpoint: Sendable, Hashable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    public enum Authentication: Sendable {
        case none
        case accessToken
        /// The answer depends on who asks, but anybody may.
        case optionalAccessToken
    }

    /// The `operationId` of the specification's OpenAPI file.
    public let operationID: String
    public let method: Method
    /// The specification's path; `{name}` stands for one path segment.
    public let path: String
    /// Further paths that clients use for the same operation: older versions and unstable names.
    public let otherPaths: [String]
    public let authentication: Authentication

    public init(
        _ operationID: String, _ method: Method, _ path: String, otherPaths: [String] = [],
        authentication: Authentication = .accessToken
    ) {
        self.operationID = operationID
        self.method = method
        self.path = path
        self.otherPaths = otherPaths
        self.authentication = authentication
    }
}
