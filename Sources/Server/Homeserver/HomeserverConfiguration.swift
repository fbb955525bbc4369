import Accounts
import MatrixIdentifiers
import RateLimiting

/// What an operator decides about a server, part by part.
public struct HomeserverConfiguration: Sendable {
    public var accounts: AccountConfiguration
    /// Nil lets everybody ask as much as he likes: for tests and measurements.
    public var rateLimits: RateLimits?

    public var serverName: ServerName { accounts.serverName }

    public init(accounts: AccountConfiguration, rateLimits: RateLimits? = nil) {
        self.accounts = accounts
        self.rateLimits = rateLimits
    }
}
