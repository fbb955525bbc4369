/// What a session stands on.
public struct ClientConfiguration: Sendable {
    /// Where the homeserver answers: `https://matrix.example.org`, without a path. ``Session/discover(_:transport:)``
    /// finds it from a server's name.
    public var homeserver: String
    public var transport: any Transport
    /// What the session keeps on this device. One session at a time uses a store.
    public var store: any ClientStore
    public var environment: ClientEnvironment
    /// What the person's other devices call this one.
    public var deviceName: String
    /// Rooms of two and private groups are encrypted unless the caller of ``Session/createRoom(_:)`` says otherwise.
    public var encryptsByDefault = true
    /// Whether the session can encrypt at all; without it encrypted messages stay unreadable and cannot be sent.
    package var usesEncryption = true
    /// Whether the emoji of a reaction in an encrypted room is kept from the server. Clients other than Naru do not
    /// show such reactions.
    public var hidesReactions = true

    public init(
        homeserver: String, transport: any Transport, store: any ClientStore,
        environment: ClientEnvironment = .system, deviceName: String = "Naru"
    ) {
        self.homeserver = homeserver
        self.transport = transport
        self.store = store
        self.environment = environment
        self.deviceName = deviceName
    }
}
