import HomeserverStore

/// A database that counts how often it is read, for tests that bound the work of a request.
public final class CountingDatabase: HomeserverDatabase {
    private let database: any HomeserverDatabase
    public let reads = Counter()

    public init(_ database: any HomeserverDatabase) { self.database = database }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StoreReader) throws -> Value
    ) async throws -> Value {
        reads.increase()
        return try await database.read(body)
    }

    public func write(_ body: (any StoreWriter) throws -> Void) throws { try database.write(body) }
    public func checkpoint() throws { try database.checkpoint() }
    public func checkpointErasing() throws -> Bool { try database.checkpointErasing() }
    public func close() throws { try database.close() }
}
