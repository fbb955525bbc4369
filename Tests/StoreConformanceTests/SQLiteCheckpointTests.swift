import Foundation
import GRDB
import HomeserverStore
import HomeserverStoreSQLite
import MatrixIdentifiers
import Testing

@Suite struct SQLiteCheckpointTests {
    /// A backup reads for minutes, and nobody's message may wait for it.
    @Test func aLongReadDoesNotHoldUpTheWriter() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("naru-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let database = try SQLiteDatabase(path: path + "/naru.sqlite")

        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: path + "/naru.sqlite", configuration: configuration)
        try reader.unsafeReentrantWrite { db in
            try db.execute(sql: "BEGIN")
            _ = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM accounts")
        }
        // A log that would be begun anew.
        try database.write { store in
            for index in 0..<20 {
                try store.setProfileField(
                    "field\(index)", to: [UInt8](repeating: 0x31, count: 1 << 20), of: UserID("@alice:test")!)
            }
        }
        let duration = try ContinuousClock().measure { try database.checkpoint() }
        #expect(duration < .seconds(3), "the writer waited \(duration) for a reader")
        try reader.unsafeReentrantWrite { try $0.execute(sql: "ROLLBACK") }
        try reader.close()
        try database.checkpoint()
        try database.close()
    }
}
