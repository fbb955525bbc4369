import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import ServerEnvironment
import Synchronization
import UnpaddedBase64

/// Events that are sent later, unless whoever wrote them stays in touch (MSC4140).
///
/// They stand in the store, so a restart loses none; what has become due meanwhile is sent then, in order. Sending an
/// event and noting that it was sent are one transaction, so it is sent once, whenever the server stops.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/4140
public final class DelayedEventService: Sendable {
    /// What somebody may do with an event that waits.
    public enum Action: String, Sendable {
        case send
        case cancel
        case restart
    }

    /// An event for later.
    public struct Request: Sendable {
        public var type: String
        /// Nil for a message event.
        public var stateKey: String?
        public var content: JSONObject
        public var roomID: RoomID
        public var delayMilliseconds: Int64
        /// Nil for a state event of the older wire, which has none.
        public var transactionID: String?

        public init(
            type: String, stateKey: String?, content: JSONObject, roomID: RoomID, delayMilliseconds: Int64,
            transactionID: String?
        ) {
            self.type = type
            self.stateKey = stateKey
            self.content = content
            self.roomID = roomID
            self.delayMilliseconds = delayMilliseconds
            self.transactionID = transactionID
        }
    }

    /// Events in one transaction when many are due, as after a long pause.
    private static let batch = 50
    /// How long it can be seen what became of an event, and of how many of one user.
    private static let finalizedLifetime: Int64 = 7 * 24 * 3_600_000
    private static let maximumFinalized = 100

    private let rooms: RoomService
    /// When the next one is due, in milliseconds since 1970.
    private let nextDueAt: Atomic<Int64>
    /// Whether somebody is at it: a writer that is slow is not asked again meanwhile.
    private let isSending = Atomic(false)

    private var environment: ServerEnvironment { rooms.environment }

    init(rooms: RoomService) {
        self.rooms = rooms
        // Whether something is overdue is not known before the store has been asked.
        nextDueAt = Atomic(0)
    }

    // MARK: What clients do

    /// Keeps an event for later and answers its delay ID. The same transaction again answers the same.
    public func schedule(_ request: Request, sender: RoomService.Sender) async throws -> String {
        let configuration = rooms.configuration
        guard request.delayMilliseconds > 0 else {
            throw MatrixError.invalidParameter("the delay is a positive number of milliseconds")
        }
        guard request.delayMilliseconds <= configuration.maximumDelayMilliseconds else {
            throw DelayedEventError.maximumDelay(configuration.maximumDelayMilliseconds)
        }
        // What is no event now will be none later. Whether it is allowed is decided when it is sent.
        let draft = try EventDraft(
            type: request.type, stateKey: request.stateKey, sender: sender.userID, content: request.content)
        guard draft.contentBytes.count <= 65_536 else { throw MatrixError.tooLarge("the event is too large") }
        let transaction = request.transactionID.map { id in
            DelayedEventRecord.DelayedTransaction(
                pathHash: RoomService.transactionKey(
                    device: sender.device, path: ["send", request.roomID.string, request.type, id]
                ).pathHash, id: id)
        }
        let delayID = "naru_" + UnpaddedBase64.encode(environment.randomBytes(24), alphabet: .urlSafe)
        let record = DelayedEventRecord(
            delayID: delayID, userID: sender.userID, device: sender.device, roomID: request.roomID,
            type: request.type, stateKey: request.stateKey, content: draft.contentBytes,
            delayMilliseconds: request.delayMilliseconds, runningSince: environment.timestamp,
            transaction: transaction)
        return try await rooms.writes.submit { [self] context in
            if let transaction,
                let known = try context.store.delayedEvent(of: sender.device, pathHash: transaction.pathHash)
            {
                return known.delayID
            }
            guard let room = try rooms.registry.room(request.roomID, in: context),
                room.headMembership(of: sender.userID) == .join
            else { throw RoomService.notInRoom }
            let waiting = try context.store.delayedEvents(of: sender.userID).count { $0.outcome == nil }
            guard waiting < configuration.maximumDelayedEvents else {
                throw DelayedEventError.maximumCount(configuration.maximumDelayedEvents)
            }
            try context.store.insertDelayedEvent(record)
            try noteNextDue(context)
            return delayID
        }
    }

    /// Restarts, sends or cancels an event that waits.
    ///
    /// - Parameter userID: nil when somebody acts who has no token but knows the delay ID, as a call's media server
    ///   does for a client that has lost its connection.
    public func perform(_ action: Action, on delayID: String, userID: UserID?) async throws {
        try await rooms.writes.submit { [self] context in
            guard var event = try context.store.delayedEvent(delayID), userID == nil || event.userID == userID else {
                throw DelayedEventError.unknown
            }
            switch (event.outcome, action) {
            case (nil, .restart):
                event.runningSince = environment.timestamp
                try context.store.updateDelayedEvent(event)
            case (nil, .cancel):
                event.outcome = .cancelled
                try finalize(event, context)
            case (nil, .send):
                // Told to whoever asked: the event waits on, and he may try again.
                event.eventID = try context.attempt { try append(event, context) }
                event.outcome = .sent
                try finalize(event, context)
            case (.sent, .send), (.cancelled, .cancel): return
            case (.some(let outcome), _): throw DelayedEventError.finalized(outcome, action: action)
            }
            try noteNextDue(context)
        }
    }

    /// Those that wait and those that did lately, in the order in which they are or were due.
    public func events(of userID: UserID) async throws -> [DelayedEventRecord] {
        try await rooms.database.read { try $0.delayedEvents(of: userID) }
    }

    // MARK: What time does

    /// Whether there is something to do; cheap, to be asked some times a second.
    public var hasDue: Bool { environment.timestamp >= nextDueAt.load(ordering: .acquiring) }

    /// Sends what is due, in the order in which it became so.
    public func sendDue() async throws {
        guard !isSending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        defer { isSending.store(false, ordering: .releasing) }
        var isDone = false
        while !isDone {
            isDone = try await rooms.writes.submit { [self] context in
                let due = try context.store.dueDelayedEvents(at: environment.timestamp, limit: Self.batch)
                for event in due { try sendOrGiveUp(event, context) }
                try noteNextDue(context)
                return due.count < Self.batch
            }
        }
    }

    /// Forgets what became of old ones. Called about once a minute.
    public func forgetFinalized() async throws {
        let moment = environment.timestamp - Self.finalizedLifetime
        try await rooms.writes.submit { try $0.store.deleteFinalizedDelayedEvents(before: moment) }
    }

    // MARK: In a command

    /// Nobody waits for the answer, so a refusal is kept where the sender finds it.
    private func sendOrGiveUp(_ event: DelayedEventRecord, _ context: WriteContext) throws {
        var event = event
        do {
            event.eventID = try context.attempt { try append(event, context) }
            event.outcome = .sent
        } catch let error as MatrixError {
            event.outcome = .cancelled
            event.error = error.json.bytes()
        }
        try finalize(event, context)
    }

    private func finalize(_ event: DelayedEventRecord, _ context: WriteContext) throws {
        var event = event
        event.finalizedAt = environment.timestamp
        try context.store.updateDelayedEvent(event)
        try context.store.deleteFinalizedDelayedEvents(of: event.userID, keeping: Self.maximumFinalized)
    }

    /// Sends it as its sender would now: what he may do is decided at this moment.
    private func append(_ event: DelayedEventRecord, _ context: WriteContext) throws -> EventID {
        guard case .object(let content) = try JSONParser.parse(event.content) else {
            throw MatrixError.badJSON("the content is no object")
        }
        var draft = try EventDraft(
            type: event.type, stateKey: event.stateKey, sender: event.userID, content: content)
        guard event.stateKey == nil else { return try rooms.setState(draft, in: event.roomID, context) }
        if let transaction = event.transaction {
            let key = TransactionKey(device: event.device, pathHash: transaction.pathHash)
            // The same request without a delay, made meanwhile, has the transaction.
            if try context.store.transaction(key) == nil { draft.transaction = (key, transaction.id) }
        }
        return try rooms.append(draft, to: event.roomID, context).eventID
    }

    private func noteNextDue(_ context: WriteContext) throws {
        let next = try context.store.nextDelayedEventDueAt() ?? .max
        context.onCommit { [self] in nextDueAt.store(next, ordering: .releasing) }
    }
}

/// Refusals that MSC4140 has names for.
enum DelayedEventError {
    static let unknown = MatrixError.notFound("there is no such delayed event")

    static func maximumDelay(_ milliseconds: Int64) -> MatrixError {
        MatrixError(
            400, .unknown, "the delay is too long",
            details: [
                "org.matrix.msc4140.errcode": .string(ErrorCode.maximumDelayExceeded.rawValue),
                "org.matrix.msc4140.max_delay": .integer(milliseconds),
            ])
    }

    static func maximumCount(_ count: Int) -> MatrixError {
        MatrixError(
            400, .unknown, "you have \(count) delayed events, and more may not wait",
            details: [
                "org.matrix.msc4140.errcode": .string(ErrorCode.maximumDelayedEventsExceeded.rawValue)
            ])
    }

    /// The proposal asks for 409 where an action contradicts what has happened, and for 404 where there is nothing
    /// left to restart. Clients look at the code alone and take `M_NOT_FOUND` as "it is over" in both cases.
    static func finalized(
        _ outcome: DelayedEventRecord.Outcome, action: DelayedEventService.Action
    ) -> MatrixError {
        let message = outcome == .sent ? "the event has been sent" : "the event has been cancelled"
        return MatrixError(action == .restart ? 404 : 409, .notFound, message)
    }
}
