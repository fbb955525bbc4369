import MatrixIdentifiers

/// What an operator decides about accounts.
public struct AccountConfiguration: Sendable {
    public enum Registration: Sendable, Equatable {
        /// Anybody may sign up.
        case open
        /// Whoever has the token may.
        case token(String)
        case closed
    }

    public var serverName: ServerName
    public var registration: Registration
    /// Names that nobody can take: the server itself speaks under them.
    public var reservedLocalparts: Set<String> = []
    /// How long an access token lives that was given out with a refresh token.
    public var accessTokenLifetime: Duration = .seconds(3600)

    public init(serverName: ServerName, registration: Registration) {
        self.serverName = serverName
        self.registration = registration
    }
}
