import Metrics
import Synchronization

/// The one writer: runs commands in order, many in one durable transaction, and answers each when it is durable.
///
/// Commands run on the queue's own thread, so what only they touch (the heads of rooms) needs no lock. The order of
/// commands is the order of the stream.
public final class WriteQueue: Sendable {
    /// Thrown when the queue is full or stopped; the command has not run.
    public struct Refused: Error {
        public let reason: String
    }

    private struct Command: Sendable {
        let usesSavepoint: Bool
        let run: @Sendable (WriteContext) throws -> Void
        let finish: @Sendable (Result<Void, any Error>) -> Void
    }

    private struct Pending {
        var commands: [Command] = []
        var isStopped = false
    }

    /// Commands that wait for the next transaction; beyond it ``submit(savepoint:_:)`` refuses.
    public static let maximumPendingCommands = 20_000
    /// Commands in one transaction: bounds how long the first of them waits for the last.
    package static let maximumBatch = 512

    private let database: any HomeserverDatabase
    private let pending = Mutex(Pending())
    private let wakeUp = ThreadSignal()
    private let finished = ThreadSignal()
    private let published: Atomic<Int64>
    private let observers = Mutex<[any StreamObserver]>([])
    public let statistics = WriteStatistics()

    /// Everything up to here is durable and can be read.
    public var publishedPosition: StreamPosition { StreamPosition(published.load(ordering: .acquiring)) }

    /// Commands that wait for the next transaction.
    public var pendingCount: Int { pending.withLock { $0.commands.count } }
    public var isStopping: Bool { pending.withLock { $0.isStopped } }

    public init(database: any HomeserverDatabase, position: StreamPosition) {
        self.database = database
        published = Atomic(position.rawValue)
    }

    /// Has one more observer told of what becomes visible; those who were added earlier are told first.
    public func addObserver(_ observer: any StreamObserver) {
        observers.withLock { $0.append(observer) }
    }

    /// Starts the writer's thread.
    public func start() {
        DetachedThread.start { [self] in
            var batch: [Command] = []
            while nextBatch(into: &batch) { runBatch(batch) }
            finished.signal()
        }
    }

    /// Runs what has been submitted, then ends the thread. Blocks until then.
    public func stop() {
        pending.withLock { $0.isStopped = true }
        wakeUp.signal()
        finished.wait()
    }

    /// Runs `body` on the writer's thread and answers its value once what it wrote is durable.
    ///
    /// - Parameter savepoint: whether a throwing body's writes are to be undone. Without it `body` must do all that
    ///   can throw before it writes; what it throws after that fails the batch.
    public func submit<Value: Sendable>(
        savepoint: Bool = true, _ body: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws -> Value {
        let box = ResultBox<Value>()
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let command = Command(
                usesSavepoint: savepoint,
                run: { context in box.value = try body(context) },
                finish: { continuation.resume(with: $0) })
            let refusal = pending.withLock { pending -> Refused? in
                if pending.isStopped { return Refused(reason: "the server is stopping") }
                if pending.commands.count >= Self.maximumPendingCommands {
                    return Refused(reason: "too many writes are waiting")
                }
                pending.commands.append(command)
                return nil
            }
            if let refusal { continuation.resume(throwing: refusal) } else { wakeUp.signal() }
        }
        guard let value = box.value else { preconditionFailure("a command that succeeded has a value") }
        return value
    }

    /// Waits for commands. Answers false when the queue is stopped and empty.
    private func nextBatch(into batch: inout [Command]) -> Bool {
        while true {
            let isStopped = pending.withLock { pending in
                let count = min(pending.commands.count, Self.maximumBatch)
                batch = Array(pending.commands.prefix(count))
                pending.commands.removeFirst(count)
                return pending.isStopped
            }
            if !batch.isEmpty { return true }
            if isStopped { return false }
            wakeUp.wait()
        }
    }

    private func runBatch(_ batch: [Command]) {
        let context = WriteContext(position: publishedPosition)
        var results: [Result<Void, any Error>] = []
        let watch = Stopwatch()
        do {
            try database.write { store in
                context.store = store
                for command in batch { results.append(try Self.run(command, in: context)) }
                if context.position != publishedPosition { try store.setStreamPosition(context.position) }
            }
        } catch {
            // Nothing of the batch is durable: memory goes back to what is, and every command fails.
            context.store = nil
            for undo in context.rollbackActions.reversed() { undo() }
            for command in batch { command.finish(.failure(error)) }
            return
        }
        context.store = nil
        statistics.commitTimes.note(watch.elapsed)
        statistics.batchSizes.note(Int64(batch.count))
        for action in context.commitActions { action() }
        published.store(context.position.rawValue, ordering: .releasing)
        if !context.changes.isEmpty {
            for observer in observers.withLock({ $0 }) {
                observer.streamAdvanced(to: context.position, changes: context.changes)
            }
        }
        for (command, result) in zip(batch, results) { command.finish(result) }
    }

    /// Answers the command's own failure; throws when the whole batch must fail.
    private static func run(_ command: Command, in context: WriteContext) throws -> Result<Void, any Error> {
        guard let store = context.store else { preconditionFailure("a command runs inside a transaction") }
        let mark = context.mark()
        do {
            if command.usesSavepoint {
                try store.savepoint { try command.run(context) }
            } else {
                try command.run(context)
            }
            return .success(())
        } catch {
            if !command.usesSavepoint, context.hasWritten(since: mark) { throw error }
            context.undo(to: mark)
            return .failure(error)
        }
    }

    /// Carries a command's value from the writer's thread to the task that waits; written before the continuation is
    /// resumed and read after, which orders the two.
    private final class ResultBox<Value>: @unchecked Sendable {
        var value: Value?
    }
}
