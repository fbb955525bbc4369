import Foundation
import GRDB
import HomeserverStore

/// The homeserver's data in one SQLite file, in WAL mode.
public final class SQLiteDatabase: HomeserverDatabase {
    private let pool: DatabasePool
    /// A connection that does nothing but copy the write-ahead log into the file.
    private let checkpointer: DatabaseQueue

    /// Opens or makes the file at `path` and brings its schema up to date.
    public init(path: String) throws {
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(Double(Self.busyTimeoutMilliseconds) / 1000)
        configuration.prepareDatabase { db in
            // FULL: what is acknowledged survives a power cut, not only the end of the process.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // Checkpoints run apart from commits, which they would delay.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try db.execute(sql: "PRAGMA foreign_keys = ON")
            // What is deleted is overwritten, not only forgotten.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA cache_size = -8192")
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        try Schema.migrator.migrate(pool)
        try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        checkpointer = try DatabaseQueue(path: path)
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StoreReader) throws -> Value
    ) async throws -> Value {
        try await pool.read { db in try body(SQLiteStore(db: db)) }
    }

    public func write(_ body: (any StoreWriter) throws -> Void) throws {
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                try body(SQLiteStore(db: db))
                return .commit
            }
        }
    }

    private static let busyTimeoutMilliseconds = 5_000

    /// A log of more pages than these (16 MiB) is begun anew.
    private static let maximumLogPages = 4_000

    public func checkpoint() throws {
        let result = try checkpointer.writeWithoutTransaction { db in try db.checkpoint(.passive) }
        guard result.walFrameCount > Self.maximumLogPages else { return }
        _ = try checkpointUnlessRead(.restart)
    }

    public func checkpointErasing() throws -> Bool { try checkpointUnlessRead(.truncate) }

    /// Only what was written during the last checkpoint is left, so this holds the writer up for a moment only: and not
    /// at all for whoever reads the log's beginning, as a backup does for minutes. Then it is to be tried again later.
    ///
    /// - Returns: whether it was done.
    private func checkpointUnlessRead(_ kind: Database.CheckpointMode) throws -> Bool {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA busy_timeout = 0")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Self.busyTimeoutMilliseconds)") }
            do {
                _ = try db.checkpoint(kind)
                return true
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                return false
            }
        }
    }

    public func close() throws {
        try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try checkpointer.close()
        try pool.close()
    }
}
