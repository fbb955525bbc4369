import MatrixAPI
import NIOHTTP1

/// A whole request, body included.
public struct HTTPRequest: Sendable {
    /// The method as it was sent, in capitals.
    public let method: String
    /// The path before `?`, still percent-encoded.
    public let path: String
    /// What stands after `?`, still percent-encoded; empty when there is none.
    public let query: String
    public let body: [UInt8]
    /// The IP address of who asks: the other end of the connection, or whom a trusted proxy names.
    public let remoteAddress: String
    /// Whether the request came over TLS that ends here.
    public let isEncrypted: Bool
    private let headers: HTTPHeaders

    init(head: HTTPRequestHead, body: [UInt8], remoteAddress: String, isEncrypted: Bool) {
        method = head.method.rawValue
        if let mark = head.uri.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(head.uri[..<mark])
            query = String(head.uri[head.uri.utf8.index(after: mark)...])
        } else {
            path = head.uri
            query = ""
        }
        self.body = body
        self.remoteAddress = remoteAddress
        self.isEncrypted = isEncrypted
        headers = head.headers
    }

    /// For tests of routes without a socket.
    public init(
        method: String, path: String, query: String = "", headers: [(String, String)] = [], body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1", isEncrypted: Bool = false
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.remoteAddress = remoteAddress
        self.isEncrypted = isEncrypted
        self.headers = HTTPHeaders(headers)
    }

    /// The first header of that name, in any case of letters.
    public func header(_ name: String) -> String? { headers.first(name: name) }
}

/// A whole answer.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Answers requests. The task that runs it is cancelled when the client goes away or the server stops.
public protocol HTTPResponder: Sendable {
    func respond(to request: HTTPRequest) async -> HTTPResponse
    /// The answer to a request whose body is larger than the limit.
    func respondToOversizedBody(limitBytes: Int) -> HTTPResponse
}
