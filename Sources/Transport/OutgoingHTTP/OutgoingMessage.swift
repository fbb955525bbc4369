/// A request to a server that somebody else runs.
public struct OutgoingRequest: Sendable {
    public var method: String
    public var url: OutgoingURL
    /// `Host`, `Content-Length` and `Connection` are added.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// From looking up the name to the last byte of the answer.
    public var timeout: Duration = .seconds(20)
    /// An answer with a larger body fails.
    public var maximumResponseBytes = 65_536
    /// Whether the server may be asked twice, when a kept connection turns out to have been closed: true for methods
    /// that HTTP calls idempotent (https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2).
    public var isRepeatable: Bool

    public init(
        method: String, url: OutgoingURL, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        isRepeatable = ["GET", "HEAD", "PUT", "DELETE"].contains(method)
    }
}

/// A whole answer, whatever its status. Redirects are answers too: whoever wants to follow one asks anew, so that the
/// new destination is checked like the first.
public struct OutgoingResponse: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in any case of letters.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there is no answer.
public struct OutgoingHTTPError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The host has no address.
        case unknownHost
        /// The host has addresses, and the server may connect to none of them.
        case addressRefused
        case cannotConnect
        /// The other end is not who it should be, or speaks no TLS that we do.
        case untrusted
        case timedOut
        case responseTooLarge
        /// The connection ended in the middle of the answer, or what came is not HTTP.
        case brokenResponse
        /// Whoever asked wants no answer any more.
        case cancelled
    }

    public let code: Code
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }
}

/// Whoever sends requests to other servers.
public protocol OutgoingCaller: Sendable {
    func send(_ request: OutgoingRequest) async throws(OutgoingHTTPError) -> OutgoingResponse
}

/// What whoever composes the client decides about calls to other servers.
public struct OutgoingHTTPConfiguration: Sendable {
    /// Ranges that may be called although they are not public: a push gateway on the same machine, say.
    public var allowedRanges: [AddressRange]
    /// PEM files with certificate authorities that are trusted besides those of the system.
    public var certificateAuthorities: [String]
    /// Whether every address may be called: for a client, whose person names the server himself.
    public var allowsAnyAddress = false
    /// Whether a connection waits for the next request to the same server instead of being closed.
    public var keepsConnections = false

    public init(allowedRanges: [AddressRange] = [], certificateAuthorities: [String] = []) {
        self.allowedRanges = allowedRanges
        self.certificateAuthorities = certificateAuthorities
    }
}
