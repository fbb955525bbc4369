import Accounts
import MatrixIdentifiers
import RateLimiting
import Rules

/// What an operator decides about a server, part by part.
public struct HomeserverConfiguration: Sendable {
    public var accounts: AccountConfiguration
    /// The version of rooms whose makers do not ask for one.
    public var defaultRoomVersion: RoomVersionRules = .default
    /// How people reach whoever runs the server, as a URI; nil: they are not told.
    public var adminContact: String?
    /// Nil lets everybody ask as much as he likes: for tests and measurements.
    public var rateLimits: RateLimits?

    public var serverName: ServerName { accounts.serverName }

    public init(accounts: AccountConfiguration, rateLimits: RateLimits? = nil) {
        self.accounts = accounts
        self.rateLimits = rateLimits
    }
}
