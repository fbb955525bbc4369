import ApplicationServices
import CanonicalJSON
import HomeserverStore
import Logging
import MatrixIdentifiers
import OutgoingHTTP
import Rooms
import ServerEnvironment
import Synchronization

/// Tells one application service what happens: follows the stream, and sends one transaction after the other.
///
/// A transaction with events is stored before it is sent the first time, in the same commit as the position up to which
/// it tells everything. So it stays what it was, with the ID it had, however often it is sent and whenever the server
/// ends; and nothing is told twice under another ID. While the service cannot be reached nothing else is stored for
/// it: the stream itself is the queue.
///
/// https://spec.matrix.org/v1.19/application-service-api/#pushing-events
final class ServiceFeed: Sendable {
    struct State {
        /// Everything up to here has been looked at.
        var position: StreamPosition
        /// What the store says.
        var saved: ApplicationServiceProgress?
        var savedAt: Int64 = 0
        /// What the service has to take next.
        var transaction: ApplicationServiceProgress.Transaction?
        var pause = RetryPause()
        var audience = ServiceAudience()
        var news = EphemeralNews()
        var isLoaded = false
        var isWorking = false
        var work: Task<Void, Never>?
    }

    /// A position that is far behind costs a look at what has been looked at, nothing else.
    private static let saveIntervalMilliseconds: Int64 = 10_000
    private static let timeout = Duration.seconds(60)

    let service: ApplicationService
    let rooms: RoomService
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let environment: ServerEnvironment
    let logger: Logger
    let state: Mutex<State>
    private let caller: ServiceCaller
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init(
        service: ApplicationService, rooms: RoomService, database: any HomeserverDatabase, writes: WriteQueue,
        environment: ServerEnvironment, caller: any OutgoingCaller, logger: Logger
    ) {
        self.service = service
        self.rooms = rooms
        self.database = database
        self.writes = writes
        self.environment = environment
        self.caller = ServiceCaller(service: service, caller: caller)
        self.logger = logger
        let position = writes.publishedPosition
        state = Mutex(State(position: position))
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Running

    func start() {
        let work = Task { await self.run() }
        state.withLock { $0.work = work }
        wake()
    }

    /// Returns when nothing of it uses the database any more.
    func stop() async {
        waker.finish()
        let work = state.withLock { $0.work }
        work?.cancel()
        await work?.value
    }

    func wake() { waker.yield() }

    private func run() async {
        for await _ in wakes {
            state.withLock { $0.isWorking = true }
            do {
                try await load()
                try await proceed()
            } catch is CancellationError {
                // The server stops.
            } catch {
                // Tried again with the next event or tick.
                logger.warning(
                    "an application service is not told",
                    metadata: ["service": "\(service.id)", "error": "\(error)"])
                let now = environment.timestamp
                state.withLock { state in
                    state.pause.noteFailure(at: now)
                    // It may have come further than the position, from which is looked at once more.
                    state.audience = ServiceAudience()
                }
            }
            state.withLock { $0.isWorking = false }
        }
    }

    /// A service that is new is told what happens from now on.
    private func load() async throws {
        guard !state.withLock({ $0.isLoaded }) else { return }
        let stored = try await database.read { [id = service.id] in try $0.applicationServiceProgress(of: id) }
        let progress = state.withLock { state -> ApplicationServiceProgress? in
            guard let stored else { return ApplicationServiceProgress(position: state.position) }
            state.position = stored.position
            state.transaction = stored.transaction
            state.saved = stored
            return nil
        }
        if let progress { try await save(progress) }
        state.withLock { $0.isLoaded = true }
    }

    private func proceed() async throws {
        while !Task.isCancelled {
            if state.withLock({ $0.transaction == nil }) { try await makeTransaction() }
            let now = environment.timestamp
            let due = state.withLock { $0.pause.isOver(at: now) ? $0.transaction : nil }
            guard let due else { return }
            try await deliver(due)
        }
    }

    private func makeTransaction() async throws {
        let gathered = try await gather()
        let position = gathered.position
        guard !gathered.batch.isEmpty else {
            state.withLock { $0.position = position }
            return try await saveProgress()
        }
        let id = environment.randomBytes(12).map { Self.hexadecimal($0) }.joined()
        let transaction = ApplicationServiceProgress.Transaction(id: id, body: gathered.batch.body)
        // Who types is not worth a write: when the server ends, it is not true any more.
        if gathered.batch.hasEvents {
            try await save(ApplicationServiceProgress(position: position, transaction: transaction))
        }
        state.withLock { state in
            state.position = position
            state.transaction = transaction
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    // MARK: Delivery

    private func deliver(_ transaction: ApplicationServiceProgress.Transaction) async throws {
        var status: Int?
        do {
            let path = ServiceCaller.Path("transactions", transaction.id, legacyPrefix: "")
            status = try await caller.call("PUT", path, body: transaction.body, timeout: Self.timeout).status
        } catch {
            guard !Task.isCancelled else { return }
        }
        let now = environment.timestamp
        let isTaken = status.map { (200...299).contains($0) } ?? false
        let isFirstFailure = state.withLock { state in
            guard !isTaken else {
                state.transaction = nil
                state.pause.reset()
                return false
            }
            state.pause.noteFailure(at: now)
            return state.pause.failureCount == 1
        }
        guard isFirstFailure else { return }
        logger.notice(
            "an application service does not take what it is told; it is tried again",
            metadata: ["service": "\(service.id)", "status": "\(status.map(String.init) ?? "none")"])
    }

    /// The service has just shown that it is there.
    func noteReachable() {
        state.withLock { $0.pause.reset() }
        wake()
    }

    // MARK: Keeping how far it has got

    private func save(_ progress: ApplicationServiceProgress) async throws {
        let now = environment.timestamp
        try await writes.submit { [id = service.id] context in
            try context.store.setApplicationServiceProgress(progress, of: id)
        }
        state.withLock { state in
            state.saved = progress
            state.savedAt = now
        }
    }

    /// Writes down that the last transaction has been taken, at once, and otherwise now and then how far it has got.
    func saveProgress(atOnce: Bool = false) async throws {
        let now = environment.timestamp
        let progress = state.withLock { state -> ApplicationServiceProgress? in
            guard state.isLoaded, state.transaction == nil, let saved = state.saved else { return nil }
            let progress = ApplicationServiceProgress(position: state.position)
            guard progress != saved else { return nil }
            let isDue = state.savedAt + Self.saveIntervalMilliseconds <= now
            return saved.transaction != nil || atOnce || isDue ? progress : nil
        }
        if let progress { try await save(progress) }
    }

    // MARK: Time

    /// Has done what is due. Does not block.
    func tick() {
        let now = environment.timestamp
        let hasWork = state.withLock { state in
            guard state.isLoaded, state.pause.isOver(at: now) else { return state.pause.isOver(at: now) }
            let isUnsaved = state.saved?.position != state.position || state.saved?.transaction != nil
            return state.transaction != nil || state.position < writes.publishedPosition
                || isUnsaved && state.savedAt + Self.saveIntervalMilliseconds <= now
        }
        if hasWork { wake() }
    }

    /// Whether nothing is left to do at the present time.
    var isSettled: Bool {
        let (now, end) = (environment.timestamp, writes.publishedPosition)
        return state.withLock { state in
            guard state.isLoaded, !state.isWorking else { return false }
            if !state.pause.isOver(at: now) { return true }
            return state.transaction == nil && state.position >= end && state.news.isEmpty
                && state.saved?.transaction == nil
        }
    }
}
