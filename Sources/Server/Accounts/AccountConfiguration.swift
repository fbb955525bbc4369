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
    /// Whoever knows it may make accounts as Synapse's tools do, administrators too; nil: nobody.
    public var registrationSharedSecret: String?
    /// How long an access token lives that was given out with a refresh token.
    public var accessTokenLifetime: Duration = .seconds(3600)

    public init(serverName: ServerName, registration: Registration) {
        self.serverName = serverName
        self.registration = registration
    }
}
