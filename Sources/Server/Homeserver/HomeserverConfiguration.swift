import Accounts
import MatrixIdentifiers
import OutgoingHTTP
import RateLimiting
import Rooms
import Rules

/// What an operator decides about a server, part by part.
public struct HomeserverConfiguration: Sendable {
    public var accounts: AccountConfiguration
    /// Whether rooms of the presets `private_chat` and `trusted_private_chat` are encrypted when whoever makes them does
    /// not say. Off until our own web client can decrypt.
    public var encryptsPrivateRooms = false
    public var rooms = RoomsConfiguration()
    /// Whether people learn who of those they share rooms with is there.
    public var presence = false
    public var support = SupportConfiguration()
    public var turn: TURNConfiguration?
    /// The unpadded base64 of the Ed25519 public key of a policy server under this server's name.
    public var policyServerKey: String?
    public var outgoing = OutgoingHTTPConfiguration()
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
