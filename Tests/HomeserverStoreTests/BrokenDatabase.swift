import HomeserverStore
import Synchronization

/// A database whose commits fail when the test says so. What was written in a failing one is gone.
final class BrokenDatabase: HomeserverDatabase {
    struct DiskFull: Error {}

    private let database: any HomeserverDatabase
    private let isBroken = Atomic(false)
    private let commits = Atomic(0)

    init(_ database: any HomeserverDatabase) { self.database = database }

    var commitCount: Int { commits.load(ordering: .relaxed) }

    func setBroken(_ value: Bool) { isBroken.store(value, ordering: .releasing) }

    func write(_ body: (any StoreWriter) throws -> Void) throws {
        try database.write { store in
            try body(store)
            if isBroken.load(ordering: .acquiring) { throw DiskFull() }
        }
        commits.wrappingAdd(1, ordering: .relaxed)
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Value) async throws -> Value {
        try await database.read(body)
    }

    func checkpoint() throws { try database.checkpoint() }

    func checkpointErasing() throws -> Bool { try database.checkpointErasing() }
    func close() throws { try database.close() }
}
