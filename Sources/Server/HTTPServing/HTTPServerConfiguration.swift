import NIOCore

/// The bounds of what one client, or all of them, can make the server hold.
public struct HTTPServerConfiguration: Sendable {
    public var address: String
    /// 0 takes any free port.
    public var port: Int
    public var maximumBodyBytes = 1 << 20
    /// Above it a new connection is closed at once.
    public var maximumConnections = 50_000
    /// How long a request may take to arrive, head and body.
    public var receiveTimeout: Duration = .seconds(30)
    /// How long a connection may wait for its next request.
    public var idleTimeout: Duration = .seconds(120)

    public init(address: String, port: Int) {
        self.address = address
        self.port = port
    }
}
