/// A request to the homeserver or to what it names.
public struct TransportRequest: Sendable {
    public var method: String
    /// An absolute URL, percent-encoded.
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// From connecting to the last byte of the answer; a long poll needs more than it asks the server to wait.
    public var timeout: Duration
    /// An answer with a larger body fails.
    public var maximumResponseBytes: Int

    public init(
        method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        timeout: Duration = .seconds(30), maximumResponseBytes: Int = 32 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumResponseBytes = maximumResponseBytes
    }
}

/// A whole answer, whatever its status.
public struct TransportResponse: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why there is no answer.
public struct TransportError: Error, Sendable, Equatable {
    public enum Code: Sendable, Equatable {
        /// Nobody answers at the address, or there is no network.
        case unreachable
        /// The connection was made and broke, or took too long: the server may have done what was asked.
        case broken
        /// Whoever answers cannot prove to be the server.
        case untrusted
        /// The URL is none, or the answer is larger than allowed.
        case invalid
        case cancelled
    }

    public let code: Code
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// Whoever carries requests to the server: ``HTTPTransport``, or a server in the same process in tests.
public protocol Transport: Sendable {
    /// Ends early with ``TransportError/Code/cancelled`` when the task is cancelled.
    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}
