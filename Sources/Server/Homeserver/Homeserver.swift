import Accounts
import ApplicationServices
import Bridging
import EndToEnd
import HomeserverStore
import Logging
import OAuth
import OutgoingHTTP
import Push
import RateLimiting
import Rooms
import Rules
import Search
import ServerEnvironment
import Sync

/// All services of one server, put together on a database; what brings them to the network is elsewhere.
public struct Homeserver: Sendable {
    public let configuration: HomeserverConfiguration
    public let environment: ServerEnvironment
    public let database: any HomeserverDatabase
    public let writes: WriteQueue
    public let accounts: AccountService
    public let oauth: OAuthService
    public let rateLimiter: RateLimiter
    public let rooms: RoomService
    public let endToEnd: EndToEndService
    public let keyBackups: KeyBackupService
    public let delayedEvents: DelayedEventService
    public let sync: SyncService
    public let push: PushService
    public let bridging: BridgingService
    public let search: SearchService
    public let searchIndexer: SearchIndexer
    public let userDirectory: UserDirectory
    private let logger: Logger

    /// - Parameter caller: sends requests to other servers; nil for one that does as the configuration says.
    public init(
        configuration: HomeserverConfiguration, signingKey: SigningKey, database: any HomeserverDatabase,
        environment: ServerEnvironment, caller: (any OutgoingCaller)? = nil, logger: Logger
    ) async throws {
        self.configuration = configuration
        self.environment = environment
        self.database = database
        self.logger = logger
        writes = WriteQueue(database: database, position: try await database.read { try $0.streamPosition() })
        var accountConfiguration = configuration.accounts
        accountConfiguration.reservedLocalparts.insert(configuration.rooms.noticesLocalpart)
        let erasedUsers = ErasedUsers(try await database.read { try $0.erasedUsers() })
        rooms = RoomService(
            serverName: configuration.serverName, signingKey: signingKey,
            defaultVersion: configuration.defaultRoomVersion, encryptsPrivateRooms: configuration.encryptsPrivateRooms,
            configuration: configuration.rooms,
            isPresenceEnabled: configuration.presence, database: database, writes: writes, environment: environment,
            erasedUsers: erasedUsers)
        delayedEvents = rooms.makeDelayedEvents()
        rateLimiter = RateLimiter(limits: configuration.rateLimits, environment: environment)
        accounts = AccountService(
            configuration: accountConfiguration, database: database, writes: writes, environment: environment,
            departures: RoomDepartures(rooms: rooms, database: database), rateLimiter: rateLimiter,
            erasedUsers: erasedUsers)
        oauth = OAuthService(accounts: accounts, database: database, writes: writes, environment: environment)
        endToEnd = EndToEndService(serverName: configuration.serverName, database: database, writes: writes)
        keyBackups = KeyBackupService(database: database, writes: writes)
        accounts.setDeviceObserver(endToEnd)
        sync = SyncService(
            rooms: rooms, endToEnd: endToEnd, database: database, writes: writes, environment: environment)
        push = PushService(
            rooms: rooms, database: database, writes: writes, environment: environment, counter: sync,
            caller: try caller ?? OutgoingHTTPClient(configuration: configuration.outgoing),
            policy: AddressPolicy(allowedRanges: configuration.outgoing.allowedRanges), logger: logger)
        bridging = BridgingService(
            services: configuration.accounts.applicationServices, rooms: rooms, database: database, writes: writes,
            environment: environment,
            caller: try caller ?? OutgoingHTTPClient(configuration: configuration.outgoing.reachingEverywhere),
            logger: logger)
        search = SearchService(rooms: rooms, database: database)
        searchIndexer = SearchIndexer(database: database, writes: writes)
        userDirectory = UserDirectory(serverName: configuration.serverName, database: database)
    }

    /// From now on commands are run.
    public func start() {
        writes.start()
        push.start()
        bridging.start()
    }

    /// Runs what has been accepted and closes the database.
    public func stop() async throws {
        try await accounts.flushLastSeen()
        try await push.saveProgress()
        try await bridging.saveProgress()
        try await abandon()
    }

    /// As ``stop()``, without writing what may be lost.
    public func abandon() async throws {
        await push.stop()
        await bridging.stop()
        writes.stop()
        try database.close()
    }

    // MARK: What has to happen now and then, for everybody at once: a timer for each user would cost memory for each

    /// To be called some times a second: ends waits and typing that are over. Does not block.
    public func tick() {
        sync.expireWaits()
        rooms.typing.expire()
        rooms.presence.expire()
        push.tick()
        bridging.tick()
    }

    /// To be called some times a second, when ``hasDueEvents`` says so: sends delayed events.
    public func sendDueEvents() async {
        await attempt("sending delayed events") { try await delayedEvents.sendDue() }
    }

    public var hasDueEvents: Bool { delayedEvents.hasDue }

    /// To be called about once a minute.
    public func housekeep() async {
        sync.forgetUnused()
        await attempt("writing when devices were seen") { try await accounts.flushLastSeen() }
        await attempt("finishing deactivations") { try await accounts.finishDeactivations() }
        await attempt("forgetting what has expired") { try await accounts.deleteExpiredGrants() }
        await attempt("forgetting unused clients") { try await oauth.deleteUnusedClients() }
        await attempt("deleting rooms") { try await rooms.continueDeletions() }
        await attempt("letting go of unused rooms") { try await rooms.evictUnusedRooms() }
        await attempt("deleting messages by age") { try await rooms.expireMessages() }
        await attempt("erasing what was redacted") { try await rooms.eraseRedactedContent() }
        await attempt("forgetting delayed events") { try await delayedEvents.forgetFinalized() }
        await attempt("taking what is gone out of the index") { try await searchIndexer.removeWhatIsGone() }
    }

    /// To be called about once a second: what was said since becomes part of the index.
    public func indexForSearch() async {
        await attempt("indexing") { try await searchIndexer.run() }
    }

    /// To be called every few seconds, from a thread that may block.
    public func checkpoint() {
        let isErasing = rooms.takeErased()
        do {
            guard isErasing else { return try database.checkpoint() }
            if try !database.checkpointErasing() { rooms.noteErased() }
        } catch {
            if isErasing { rooms.noteErased() }
            logger.warning("a checkpoint failed", metadata: ["error": "\(error)"])
        }
    }

    /// One chore that fails must not keep the others from being done.
    private func attempt(_ chore: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning("housekeeping failed", metadata: ["chore": "\(chore)", "error": "\(error)"])
        }
    }
}

extension SyncService: UnreadCounter {}
