import NIOCore

/// Where one listener listens, and the bounds of what one client, or all of them, can make the server hold.
public struct HTTPServerConfiguration: Sendable {
    public enum Place: Sendable, Equatable {
        /// Port 0 takes any free port.
        case tcp(address: String, port: Int)
        /// A socket in the file system that only this user may open.
        case unix(path: String)
    }

    public var place: Place
    /// Nil: plain HTTP.
    public var tls: TLSIdentity?
    public var maximumBodyBytes = 1 << 20
    /// Above it a new connection is closed at once.
    public var maximumConnections = 50_000
    /// How long a request may take to arrive, head and body.
    public var receiveTimeout: Duration = .seconds(30)
    /// How long a connection may wait for its next request.
    public var idleTimeout: Duration = .seconds(120)
    /// Whose word on the address of who asks is taken, see ``ForwardedAddress``.
    public var trustedProxies: Set<String> = []

    public init(place: Place, tls: TLSIdentity? = nil) {
        self.place = place
        self.tls = tls
    }

    public init(address: String, port: Int) { self.init(place: .tcp(address: address, port: port)) }
}
