import HomeserverStore
import Logging
import MatrixIdentifiers
import OutgoingHTTP
import Rooms
import ServerEnvironment
import Synchronization

/// Whoever knows how many notifications users have not read; see `SyncService`.
public protocol UnreadCounter: Sendable {
    /// - Parameter wanted: nil for all rooms that the user is in. Rooms without any are left out of the answer.
    func notificationCounts(of userID: UserID, in wanted: Set<RoomNumber>?) async throws -> [RoomNumber: Int]
}

/// Tells push gateways what happens: follows the stream for the users who have pushers, and for nobody else.
///
/// What has been looked at is one position for all pushers. A pusher that cannot deliver has besides that the position
/// after which something is outstanding. Both are written down every two seconds at most, together and never ahead of
/// what was done, and a restart goes on from there: so a message that was acknowledged is pushed also when the server
/// is killed just after, perhaps twice, which gateways recognise by the event's ID.
public final class PushService: Sendable {
    /// A user with pushers.
    struct Subscriber {
        var pushers: Set<PusherNumber> = []
        /// Nil when it has to be read.
        var settings: PushSettings?
        /// Grows with every change that makes what is kept here worthless.
        var settingsVersion = 0
        /// The unread notifications in each room that has any, but for `changedRooms`; nil before they were counted.
        var unread: [RoomNumber: Int]?
        /// The rooms that have to be counted again.
        var changedRooms: Set<RoomNumber> = []
    }

    /// A pusher as far as deciding needs it; the rest is read when something is delivered.
    struct Pusher {
        let userID: UserID
        let start: StreamPosition
        /// Host and port, which share a bound of requests.
        let gateway: String
        let disablesBadge: Bool
        var queue: PusherQueue
        var saved: PusherProgress
    }

    struct State {
        var subscribers: [UserID: Subscriber] = [:]
        var pushers: [PusherNumber: Pusher] = [:]
        /// The pushers whose queues are not empty.
        var active: Set<PusherNumber> = []
        var requests: [String: Int] = [:]
        /// The subscribers in a room; absent when that has to be looked up.
        var audiences: [RoomNumber: [UserID]] = [:]
        /// Grows whenever an audience may have changed.
        var audienceVersion = 0
        /// Where receipts have been set.
        var readRooms: Set<RoomNumber> = []
        /// Everything up to here has been looked at.
        var position: StreamPosition
        var savedPosition: StreamPosition?
        var receiptPosition: StreamPosition
        var savedAt: Int64 = 0
        var isLoaded = false
        var isWorking = false
        var work: Task<Void, Never>?
    }

    static let maximumAudiences = 20_000
    static let saveIntervalMilliseconds: Int64 = 2_000

    let rooms: RoomService
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let environment: ServerEnvironment
    let counter: any UnreadCounter
    let caller: any OutgoingCaller
    let policy: AddressPolicy
    let logger: Logger
    let state: Mutex<State>
    /// Whether anybody has a pusher; without one, following the stream costs nothing.
    private let hasPushers = Atomic(false)
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// Makes the service and has it told of everything that is written from now on.
    ///
    /// - Parameters:
    ///   - caller: sends requests to gateways.
    ///   - policy: which gateways may be called without TLS: those whose addresses the operator has named.
    public init(
        rooms: RoomService, database: any HomeserverDatabase, writes: WriteQueue, environment: ServerEnvironment,
        counter: any UnreadCounter, caller: any OutgoingCaller, policy: AddressPolicy, logger: Logger
    ) {
        self.rooms = rooms
        self.database = database
        self.writes = writes
        self.environment = environment
        self.counter = counter
        self.caller = caller
        self.policy = policy
        self.logger = logger
        let position = writes.publishedPosition
        state = Mutex(State(position: position, receiptPosition: position))
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        writes.addObserver(self)
    }

    // MARK: Running

    /// Begins to follow the stream, from where the last run of the server had got to.
    public func start() {
        let work = Task { await self.run() }
        state.withLock { $0.work = work }
        wake()
    }

    /// Ends what ``start()`` began; what is on its way to gateways is given up, to be sent again by the next run.
    ///
    /// Returns when nothing of it reads the database any more, so that it can be closed.
    public func stop() async {
        waker.finish()
        let work = state.withLock { $0.work }
        work?.cancel()
        await work?.value
    }

    func wake() { waker.yield() }

    private func run() async {
        await withDiscardingTaskGroup { group in
            for await _ in wakes {
                state.withLock { $0.isWorking = true }
                await attempt("following the stream") {
                    if !state.withLock({ $0.isLoaded }) { try await load() }
                    try await follow()
                    try await saveProgress(atOnce: false)
                }
                for delivery in takeDue() { group.addTask { await self.deliver(delivery) } }
                state.withLock { $0.isWorking = false }
            }
            group.cancelAll()
        }
    }

    /// A failure is no reason to end: the next wake tries again.
    func attempt(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            // The server stops.
        } catch {
            logger.warning("push failed", metadata: ["during": "\(what)", "error": "\(error)"])
        }
    }

    /// To be called some times a second: has done what is due. Does not block.
    public func tick() {
        let now = environment.timestamp
        let hasWork = state.withLock { state in
            guard !state.pushers.isEmpty else { return !state.isLoaded }
            return !state.isLoaded || state.savedAt + Self.saveIntervalMilliseconds <= now && isUnsaved(state)
                || state.active.contains { number in (state.pushers[number]?.queue.dueAt).map { $0 <= now } ?? false }
        }
        if hasWork { wake() }
    }

    /// Whether nothing is left to do at the present time.
    package var isSettled: Bool {
        let (now, position) = (environment.timestamp, writes.publishedPosition)
        return state.withLock { state in
            state.isLoaded && !state.isWorking && state.requests.isEmpty && state.readRooms.isEmpty
                && (state.pushers.isEmpty || state.position >= position)
                && state.active.allSatisfy { (state.pushers[$0]?.queue.dueAt).map { $0 > now } ?? true }
        }
    }

    // MARK: Starting where the last run ended

    private func load() async throws {
        let (records, position) = try await database.read { store in (try store.pushers(), try store.pushPosition()) }
        let start = state.withLock { state in
            // Nobody had a pusher, or all were made after the position was written.
            let start = records.map(\.start).min().map { max($0, position ?? .zero) }
            if let start { state.position = min(state.position, start) }
            state.receiptPosition = state.position
            return state.position
        }
        for record in records {
            register(record, try PusherData(record.settings.data))
            if let behind = record.progress.behind { try await catchUp(record, from: behind, to: start) }
        }
        state.withLock { $0.isLoaded = true }
    }

    /// Finds again what a pusher had not delivered when the server stopped.
    private func catchUp(_ record: PusherRecord, from behind: StreamPosition, to end: StreamPosition) async throws {
        let memberships = try await database.read { try $0.memberships(of: record.userID) }
        let settings = try await settings(of: record.userID)
        var entries: [PusherQueue.Entry] = []
        for membership in memberships where membership.latestChange > behind {
            let room = try await rooms.room(membership.room)
            let events = try await rooms.storedEvents(
                of: room, after: max(behind, record.start), upTo: end, limit: PusherQueue.maximumEntries * 4)
            for event in events {
                guard let tweaks = settings.tweaks(for: event, in: room) else { continue }
                entries.append(Self.entry(event, room.number, tweaks))
            }
        }
        let now = environment.timestamp
        state.withLock { state in
            for entry in entries.sorted(by: { $0.position < $1.position }) {
                state.pushers[record.number]?.queue.add(entry)
            }
            state.pushers[record.number]?.queue.noteRead(now: now)
            state.active.insert(record.number)
        }
    }

    /// Takes a pusher up, or what has changed of it.
    func register(_ record: PusherRecord, _ data: PusherData) {
        state.withLock { state in
            let isFirst = state.pushers.isEmpty && state.isLoaded
            if isFirst { state.position = max(state.position, record.start) }
            var queue = state.pushers[record.number]?.queue ?? PusherQueue(badge: record.progress.badge)
            queue.resetPause()
            state.pushers[record.number] = Pusher(
                userID: record.userID, start: record.start, gateway: data.url?.authority ?? "",
                disablesBadge: data.disablesBadge, queue: queue, saved: record.progress)
            let isNew = state.subscribers[record.userID] == nil
            state.subscribers[record.userID, default: Subscriber()].pushers.insert(record.number)
            if isNew { Self.forgetAudiences(&state) }
        }
        hasPushers.store(true, ordering: .releasing)
    }

    /// Lets go of pushers that are no more.
    func unregister(_ numbers: [PusherNumber]) {
        let isEmpty = state.withLock { state in
            for number in numbers {
                guard let pusher = state.pushers.removeValue(forKey: number) else { continue }
                state.active.remove(number)
                state.subscribers[pusher.userID]?.pushers.remove(number)
                if state.subscribers[pusher.userID]?.pushers.isEmpty == true {
                    state.subscribers[pusher.userID] = nil
                    Self.forgetAudiences(&state)
                }
            }
            return state.pushers.isEmpty && state.isLoaded
        }
        if isEmpty { hasPushers.store(false, ordering: .releasing) }
    }

    static func forgetAudiences(_ state: inout State) {
        state.audiences = [:]
        state.audienceVersion += 1
    }

    // MARK: Keeping how far it has got

    private func isUnsaved(_ state: State) -> Bool {
        state.savedPosition != state.position
            || state.active.contains { number in
                state.pushers[number].map { $0.queue.progress(at: state.position) != $0.saved } ?? false
            }
    }

    /// - Parameter atOnce: whether not to wait until two seconds have passed since the last time.
    public func saveProgress(atOnce: Bool = true) async throws {
        let now = environment.timestamp
        let unsaved = state.withLock { state -> (StreamPosition, [PusherNumber: PusherProgress])? in
            guard state.isLoaded, !state.pushers.isEmpty || state.savedPosition != nil,
                atOnce || state.savedAt + Self.saveIntervalMilliseconds <= now
            else { return nil }
            var changed: [PusherNumber: PusherProgress] = [:]
            for (number, pusher) in state.pushers {
                let progress = pusher.queue.progress(at: state.position)
                if progress != pusher.saved { changed[number] = progress }
            }
            guard state.savedPosition != state.position || !changed.isEmpty else { return nil }
            state.savedAt = now
            return (state.position, changed)
        }
        guard let (position, changed) = unsaved else { return }
        try await writes.submit { context in
            for (number, progress) in changed { try context.store.setProgress(progress, of: number) }
            try context.store.setPushPosition(position)
        }
        state.withLock { state in
            state.savedPosition = position
            for (number, progress) in changed { state.pushers[number]?.saved = progress }
        }
    }
}

// MARK: What becomes visible

extension PushService: StreamObserver {
    public func streamAdvanced(to position: StreamPosition, changes: [StreamChange]) {
        guard hasPushers.load(ordering: .acquiring) else { return }
        state.withLock { state in
            for change in changes {
                switch change {
                case .event(let room, _, _, let target):
                    guard let target else { continue }
                    state.audiences[room] = nil
                    state.audienceVersion += 1
                    state.subscribers[target.userID]?.changedRooms.insert(room)
                case .receipt(let room, _, _):
                    state.readRooms.insert(room)
                case .accountData(let userID, room: nil, _):
                    state.subscribers[userID]?.settings = nil
                    state.subscribers[userID]?.settingsVersion += 1
                    // Other rules count otherwise.
                    state.subscribers[userID]?.unread = nil
                case .accountData, .forgotten, .toDevice, .deviceList: break
                }
            }
        }
        wake()
    }
}
