import Accounts
import HomeserverStore
import Logging
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
    public let rooms: RoomService
    public let sync: SyncService
    public let search: SearchService
    public let searchIndexer: SearchIndexer
    public let userDirectory: UserDirectory
    private let logger: Logger

    public init(
        configuration: HomeserverConfiguration, signingKey: SigningKey, database: any HomeserverDatabase,
        environment: ServerEnvironment, logger: Logger
    ) async throws {
        self.configuration = configuration
        self.environment = environment
        self.database = database
        self.logger = logger
        writes = WriteQueue(database: database, position: try await database.read { try $0.streamPosition() })
        accounts = AccountService(
            configuration: configuration.accounts, database: database, writes: writes, environment: environment)
        rooms = RoomService(
            serverName: configuration.serverName, signingKey: signingKey, database: database, writes: writes,
            environment: environment)
        sync = SyncService(rooms: rooms, database: database, writes: writes, environment: environment)
        search = SearchService(rooms: rooms, database: database)
        searchIndexer = SearchIndexer(database: database, writes: writes)
        userDirectory = UserDirectory(serverName: configuration.serverName, database: database)
    }

    /// From now on commands are run.
    public func start() { writes.start() }

    /// Runs what has been accepted and closes the database.
    public func stop() async throws {
        try await accounts.flushLastSeen()
        try abandon()
    }

    /// As ``stop()``, without writing what may be lost.
    public func abandon() throws {
        writes.stop()
        try database.close()
    }

    // MARK: What has to happen now and then, for everybody at once: a timer for each user would cost memory for each

    /// To be called some times a second: ends waits and typing that are over. Does not block.
    public func tick() {
        sync.expireWaits()
        rooms.typing.expire()
    }

    /// To be called about once a minute.
    public func housekeep() async {
        sync.forgetUnused()
        await attempt("writing when devices were seen") { try await accounts.flushLastSeen() }
        await attempt("letting go of unused rooms") { try await rooms.evictUnusedRooms() }
        await attempt("taking what is gone out of the index") { try await searchIndexer.removeWhatIsGone() }
    }

    /// To be called about once a second: what was said since becomes part of the index.
    public func indexForSearch() async {
        await attempt("indexing") { try await searchIndexer.run() }
    }

    /// To be called every few seconds, from a thread that may block.
    public func checkpoint() {
        do {
            try database.checkpoint()
        } catch {
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
