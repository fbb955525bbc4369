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
