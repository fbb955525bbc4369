import Accounts
import MatrixIdentifiers

/// What an operator decides about a server, part by part.
public struct HomeserverConfiguration: Sendable {
    public var accounts: AccountConfiguration
    /// Whether rooms of the presets `private_chat` and `trusted_private_chat` are encrypted when whoever makes them does
    /// not say. Off until our own web client can decrypt.
    public var encryptsPrivateRooms = false

    public var serverName: ServerName { accounts.serverName }

    public init(accounts: AccountConfiguration) {
        self.accounts = accounts
    }
}
