import ApplicationServices
import HomeserverStore
import Logging
import MatrixIdentifiers
import OutgoingHTTP
import Rooms
import ServerEnvironment
import Synchronization

/// What the server tells application services and asks them.
///
/// https://spec.matrix.org/v1.19/application-service-api/
public final class BridgingService: Sendable {
    public let services: ApplicationServiceTable
    let caller: any OutgoingCaller
    let environment: ServerEnvironment
    let logger: Logger
    /// Of those that want to be told something.
    private let feeds: [ServiceFeed]
    /// The names that a service is being asked for.
    let asked = Mutex<Set<String>>([])
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let rooms: RoomService

    /// Makes the service and, when there is anybody to tell, has it told of everything that is written from now on.
    public init(
        services: ApplicationServiceTable, rooms: RoomService, database: any HomeserverDatabase, writes: WriteQueue,
        environment: ServerEnvironment, caller: any OutgoingCaller, logger: Logger
    ) {
        self.services = services
        self.caller = caller
        self.environment = environment
        self.logger = logger
        self.database = database
        self.writes = writes
        self.rooms = rooms
        feeds = services.all.filter { $0.url != nil }.map { service in
            ServiceFeed(
                service: service, rooms: rooms, database: database, writes: writes, environment: environment,
                caller: caller, logger: logger)
        }
        guard !feeds.isEmpty else { return }
        rooms.setEntityProvider(self)
        writes.addObserver(self)
        let ephemeral = feeds.filter(\.service.receivesEphemeral)
        guard !ephemeral.isEmpty else { return }
        rooms.typing.addObserver { room, _, _ in
            for feed in ephemeral {
                feed.state.withLock { $0.news.noteTyping(in: room) }
                feed.wake()
            }
        }
        rooms.presence.addObserver { userID in
            for feed in ephemeral {
                feed.state.withLock { $0.news.notePresence(of: userID) }
                feed.wake()
            }
        }
    }

    // MARK: Running

    /// Begins to tell the services, from where the last run of the server had got to.
    public func start() {
        for feed in feeds { feed.start() }
    }

    /// Ends what ``start()`` began; what is on its way is given up, to be sent again by the next run.
    public func stop() async {
        for feed in feeds { await feed.stop() }
    }

    /// To be called some times a second: has done what is due. Does not block.
    public func tick() {
        for feed in feeds { feed.tick() }
    }

    /// Writes down how far the services have been told.
    public func saveProgress() async throws {
        for feed in feeds { try await feed.saveProgress(atOnce: true) }
    }

    /// Whether nothing is left to do at the present time.
    package var isSettled: Bool { feeds.allSatisfy(\.isSettled) }

    func noteReachable(_ service: ApplicationService) {
        feeds.first { $0.service === service }?.noteReachable()
    }

    func call(
        _ service: ApplicationService, _ method: String, _ path: ServiceCaller.Path, body: [UInt8] = [],
        timeout: Duration
    ) async throws(OutgoingHTTPError) -> OutgoingResponse {
        try await ServiceCaller(service: service, caller: caller).call(method, path, body: body, timeout: timeout)
    }
}

extension BridgingService: StreamObserver {
    public func streamAdvanced(to position: StreamPosition, changes: [StreamChange]) {
        for change in changes {
            guard case .receipt(let room, let position, _) = change else { continue }
            for feed in feeds where feed.service.receivesEphemeral {
                feed.state.withLock { $0.news.noteReceipt(in: room, at: position) }
            }
        }
        for feed in feeds { feed.wake() }
    }
}
