import Accounts
import MatrixIdentifiers
import OutgoingHTTP

/// What an operator decides about a server, part by part.
public struct HomeserverConfiguration: Sendable {
    public var accounts: AccountConfiguration
    public var outgoing = OutgoingHTTPConfiguration()

    public var serverName: ServerName { accounts.serverName }

    public init(accounts: AccountConfiguration) {
        self.accounts = accounts
    }
}
