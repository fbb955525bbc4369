import Foundation
import MatrixClient
import MatrixIdentifiers
import Terminal

/// What the chats hear of.
enum ChatEvent: Sendable {
    case device(DeviceEvent)
    case line(String)
    case rooms([RoomSummary])
    case timelineOpened(Timeline)
    case timeline(TimelineSnapshot, room: RoomID)
    case olderLoaded(room: RoomID)
    case connection(ConnectionState)
    case security(LineSecurity, room: RoomID)
    case encryptionChanged
    case verification(Verification)
    case verificationState(Verification, VerificationState)
    case queued(Int)
    case said(String, Role)
    case panel(Panel)
    case ready
    /// Something that was asked for has been tried.
    case attempted
    case opened(RoomID)
    case closed(RoomID)
    case tick
    /// It is time to draw what has changed.
    case frame
    case ended(ClientError?)
}

/// The chats in motion: takes what happens one after the other, changes the state, starts what the state asks for, and
/// shows it.
///
/// Everything here is done by the one task that runs ``run()``; what takes time runs beside it and answers with events.
final class ChatLoop {
    /// Something that takes time.
    typealias Job = @Sendable () async -> Void

    private static let measuringSeconds = 20
    private static let frame = Duration.milliseconds(25)

    let session: Session
    let profile: ChatProfile
    let phrases: Phrases
    let continuation: AsyncStream<ChatEvent>.Continuation
    private let news: AsyncStream<ChatEvent>
    private let face: any ChatFace
    var state: ChatState
    var rooms: [RoomSummary] = []
    /// The open chat's items by what their rows are called.
    var items: [String: TimelineItem] = [:]
    var timeline: Timeline?
    var observation: Task<Void, Never>?
    var verifications: [String: Verification] = [:]
    /// A chat that is to be opened as soon as the list knows it.
    var awaitedRoomID: RoomID?
    /// The open chat's invitation has been accepted.
    var isJoining = false
    private var connection = ConnectionState.connecting
    private var jobs: [Job] = []
    private var isOver = false
    private var failure: ChatFailure?
    private var tickCount = 0
    private let ordered: AsyncStream<Job>
    private let orderedContinuation: AsyncStream<Job>.Continuation
    private let orderedEnd: AsyncStream<Void>
    private let orderedEndContinuation: AsyncStream<Void>.Continuation
    /// Lines that were written and wait until what was asked for before has been done.
    private var lines: [String] = []
    private var isReady = false
    private var runningCount = 0
    /// Seconds since a line was taken.
    private var idleSeconds = 0
    /// The input has ended.
    private var isEnding = false
    private let clock = ContinuousClock()
    private var nextFrame: ContinuousClock.Instant
    private var isFrameAwaited = false

    init(
        session: Session, profile: ChatProfile, face: any ChatFace, news: AsyncStream<ChatEvent>,
        continuation: AsyncStream<ChatEvent>.Continuation
    ) {
        self.session = session
        self.profile = profile
        self.face = face
        self.news = news
        self.continuation = continuation
        phrases = profile.phrases
        state = ChatState(
            userID: session.userID.string, phrases: profile.phrases, size: face.size, now: systemNow(),
            clock: systemWallTime)
        nextFrame = clock.now
        (ordered, orderedContinuation) = AsyncStream.makeStream(of: Job.self)
        (orderedEnd, orderedEndContinuation) = AsyncStream.makeStream(of: Void.self)
    }

    /// Runs until the user ends it.
    ///
    /// - Returns: why it ended, when nobody wanted it to.
    func run() async -> ChatFailure? {
        face.begin(continuation)
        await withDiscardingTaskGroup { group in
            for job in watchers() { group.addTask { await job() } }
            face.show(state)
            for await event in news {
                handle(event)
                for action in state.followUps() { followUp(action) }
                takeLines()
                if isOver { break }
                draw()
                for job in jobs { group.addTask { await job() } }
                jobs = []
            }
            face.end()
            observation?.cancel()
            // What has been written is put into the device's queue before anything ends.
            orderedContinuation.finish()
            for await _ in orderedEnd {}
            group.cancelAll()
        }
        return failure
    }

    /// Starts something that takes time.
    func start(_ job: @escaping Job) { jobs.append(job) }

    /// Starts something that comes after what was started so before: messages keep their order.
    func startInOrder(_ job: @escaping Job) { orderedContinuation.yield(job) }

    /// Starts what may fail, and says so then.
    func attempt(inOrder: Bool = false, _ body: @escaping @Sendable () async throws -> Void) {
        let (phrases, continuation) = (phrases, continuation)
        runningCount += 1
        let job: Job = {
            defer { continuation.yield(.attempted) }
            do {
                try await body()
            } catch is CancellationError {
            } catch {
                continuation.yield(.said(phrases(.problem, ["reason": phrases.error(error)]), .failure))
            }
        }
        if inOrder { startInOrder(job) } else { start(job) }
    }

    /// Shows the state, but not more often than anybody can see: what comes in a heap is drawn once.
    private func draw() {
        let now = clock.now
        guard now < nextFrame else {
            nextFrame = now.advanced(by: Self.frame)
            return face.show(state)
        }
        guard !isFrameAwaited else { return }
        isFrameAwaited = true
        let (continuation, wait) = (continuation, now.duration(to: nextFrame))
        start {
            try? await Task.sleep(for: wait)
            continuation.yield(.frame)
        }
    }

    // MARK: What is heard

    private func watchers() -> [Job] {
        let (session, continuation, ordered, orderedEndContinuation) =
            (session, continuation, ordered, orderedEndContinuation)
        return [
            {
                do {
                    try await session.run()
                } catch {
                    continuation.yield(.ended(error as? ClientError))
                }
            },
            { for await rooms in await session.roomList.updates() { continuation.yield(.rooms(rooms)) } },
            { for await state in await session.connection() { continuation.yield(.connection(state)) } },
            { for await _ in await session.encryption.status() { continuation.yield(.encryptionChanged) } },
            {
                for await verification in await session.encryption.incomingVerifications() {
                    continuation.yield(.verification(verification))
                }
            },
            {
                for await job in ordered { await job() }
                orderedEndContinuation.finish()
            },
            {
                await session.ready()
                continuation.yield(.rooms(await session.roomList.rooms()))
                continuation.yield(.ready)
            },
            {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    continuation.yield(.tick)
                }
            },
        ]
    }

    private func handle(_ event: ChatEvent) {
        switch event {
        case .device(.ended) where !face.scrolls: endAfterSending()
        case .device(let event): for action in face.input(event, &state) { perform(action) }
        case .line(let line): lines.append(line)
        case .ready: isReady = true
        case .attempted: runningCount -= 1
        case .rooms(let rooms): take(rooms)
        case .timelineOpened(let timeline): if isOpen(timeline.roomID) { self.timeline = timeline }
        case .timeline(let snapshot, let room): take(snapshot, of: room)
        case .olderLoaded(let room):
            if isOpen(room) { state.room?.isLoadingOlder = false }
        case .connection(let new):
            connection = new
            takeConnection()
        case .security(let security, let room):
            if isOpen(room) { state.room?.security = security }
        case .encryptionChanged: checkSecurity()
        case .verification(let verification): begin(verification)
        case .verificationState(let verification, let new): take(new, of: verification)
        case .queued(let count): state.connection.queuedCount = count
        case .said(let text, let role): state.say(text, role)
        case .panel(let panel): state.panel = panel
        case .opened(let room): open(room)
        case .closed(let room): if isOpen(room) { closeRoom() }
        case .tick: tick()
        case .frame: isFrameAwaited = false
        case .ended(let error):
            guard let error else { return }
            failure = ChatFailure(phrases(.problem, ["reason": phrases.error(error)]))
            if case .signedOut = error.code {
                state.connection.state = .signedOut
                failure = ChatFailure(phrases(.signedOut))
            }
            isOver = true
        }
    }

    // MARK: Lines

    private static let patienceSeconds = 20

    /// Whether everything that was asked for has been done, as far as it can be seen.
    private var isSettled: Bool {
        guard isReady, runningCount == 0, awaitedRoomID == nil else { return false }
        guard let room = state.room else { return true }
        return room.isInvitation ? !isJoining : !room.messages.isEmpty
    }

    /// Takes written lines one after the other: the next one may be about what the last one has opened.
    private func takeLines() {
        while isSettled || idleSeconds > Self.patienceSeconds, !lines.isEmpty {
            idleSeconds = 0
            for action in state.handle(line: lines.removeFirst()) { perform(action) }
        }
        // How much waits to be sent is looked up each second.
        let isSent = idleSeconds > 1 && state.connection.queuedCount == 0
        if isEnding, lines.isEmpty, isSettled && isSent || idleSeconds > Self.patienceSeconds { isOver = true }
    }

    /// The input is over: what was written in it is sent first, if that is possible now.
    private func endAfterSending() {
        isEnding = true
        idleSeconds = 0
    }

    func isOpen(_ room: RoomID) -> Bool { state.room.map { $0.id.utf8.elementsEqual(room.string.utf8) } ?? false }

    private func takeConnection() {
        state.connection.state = phrases.connection(connection, now: systemNow())
        state.connection.latencyMilliseconds = profile.latency.milliseconds
    }

    private func tick() {
        state.now = systemNow()
        takeConnection()
        tickCount += 1
        idleSeconds += 1
        let (session, continuation) = (session, continuation)
        let known = rooms.filter { $0.membership == .join }.prefix(200).map(\.id)
        start {
            var count = 0
            for id in known {
                count += await session.room(id).sendQueue.entries().count {
                    $0.state == .waiting || $0.state == .uploading
                }
            }
            continuation.yield(.queued(count))
        }
        if tickCount % Self.measuringSeconds == 2 {
            start(profile.measurement())
            checkSecurity()
        }
    }

    // MARK: What is asked for

    /// Where nothing scrolls, older messages come only when they are asked for.
    private func followUp(_ action: ChatAction) {
        if case .loadOlder = action, !face.scrolls { return }
        perform(action)
    }

    func perform(_ action: ChatAction) {
        switch action {
        case .quit: isOver = true
        case .suspend: face.suspend()
        case .redraw: face.redraw()
        case .bell: face.bell()
        case .open(let room): if let id = RoomID(room) { open(id) }
        case .loadOlder(let room): loadOlder(room)
        case .markRead(let room, let message): markRead(room, message)
        case .typing(let room, let isTyping):
            let (session, id) = (session, RoomID(room))
            start { if let id { try? await session.room(id).setTyping(isTyping) } }
        case .choose(let purpose, let item): choose(purpose, item)
        case .dismiss(let purpose): if case .verification(let id) = purpose { cancelVerification(id) }
        case .command(let command, let room): run(command, room.flatMap { RoomID($0) })
        default: performOnMessage(action)
        }
    }
}
