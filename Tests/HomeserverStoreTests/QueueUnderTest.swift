import HomeserverStore
import HomeserverStoreSQLite
import MatrixIdentifiers
import ServerUnderTest
import Synchronization

/// A write queue whose database can be broken, with a log of what it did.
final class QueueUnderTest: StreamObserver {
    let database: BrokenDatabase
    let queue: WriteQueue
    private let entries = Mutex<[String]>([])

    private init(_ folder: TemporaryFolder) throws {
        database = BrokenDatabase(try SQLiteDatabase(path: folder.file("store.sqlite")))
        queue = WriteQueue(database: database, position: .zero)
        queue.setObserver(self)
    }

    static func run(_ body: (QueueUnderTest) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let test = try QueueUnderTest(folder)
        test.queue.start()
        do {
            try await body(test)
        } catch {
            test.stop()
            throw error
        }
        test.stop()
        try test.database.close()
    }

    private let isStopped = Atomic(false)

    /// Stops the queue, unless the test has done so.
    func stop() {
        if !isStopped.exchange(true, ordering: .acquiringAndReleasing) { queue.stop() }
    }

    var log: [String] { entries.withLock { $0 } }

    func note(_ entry: String) { entries.withLock { $0.append(entry) } }

    func streamAdvanced(to position: StreamPosition, changes: [StreamChange]) {
        let positions = changes.map { change -> StreamPosition in
            switch change {
            case .event(_, _, let position, _), .receipt(_, let position, _), .accountData(_, _, let position): position
            case .toDevice(_, let position), .deviceList(_, _, _, let position): position
            case .forgotten: .zero
            }
        }
        note("to \(position): \(positions.map(\.description).joined(separator: " ")); at \(queue.publishedPosition)")
    }

    /// Submits the operations while the queue is held up, so that one transaction has all of them.
    func inOneBatch(
        _ operations: [@Sendable () async throws -> Void]
    ) async throws -> [Result<Void, any Error>] {
        let gate = Gate()
        let blocker = Task { [queue] in try await queue.submit { _ in gate.wait() } }
        await gate.waitUntilReached()
        var tasks: [Task<Void, any Error>] = []
        for operation in operations {
            tasks.append(Task { try await operation() })
            while queue.pendingCount < tasks.count { await Task.yield() }
        }
        gate.open()
        // Fails too when the disk does.
        _ = await blocker.result
        var results: [Result<Void, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    /// Writes an account and some global account data at the next position.
    func write(_ name: String, failing: Bool = false, savepoint: Bool = true) async throws {
        try await queue.submit(savepoint: savepoint) { [self] context in
            let userID = UserID("@\(name):test")!
            context.onRollback { self.note("undo \(name)") }
            try context.store.insertAccount(AccountRecord(userID: userID, passwordHash: nil, createdAt: 1))
            let position = context.nextPosition()
            context.onCommit { self.note("commit \(name)") }
            context.publish(.accountData(userID: userID, room: nil, position: position))
            if failing { throw Failure() }
        }
    }

    struct Failure: Error {}

    func isStored(_ name: String) async throws -> Bool {
        try await database.read { try $0.account(UserID("@\(name):test")!) } != nil
    }
}

extension Result {
    var error: (any Error)? { if case .failure(let error) = self { error } else { nil } }
}
