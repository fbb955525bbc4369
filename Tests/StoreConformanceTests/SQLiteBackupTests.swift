import Foundation
import GRDB
import HomeserverStore
import HomeserverStoreSQLite
import Testing

@Suite struct SQLiteBackupTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("naru-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    /// A one-time key that was claimed after the backup must not be claimed again; databases from before there were such
    /// keys are restored too.
    @Test(arguments: [true, false]) func keysThatMayHaveBeenUsedAreDropped(hasKeys: Bool) throws {
        try withFolder { folder in
            let path = folder + "/naru.sqlite"
            let queue = try DatabaseQueue(path: path)
            try queue.write { db in
                try db.execute(sql: "CREATE TABLE server_state (name TEXT PRIMARY KEY, value INTEGER)")
                try db.execute(sql: "INSERT INTO server_state VALUES ('stream_position', 41)")
                guard hasKeys else { return }
                for table in ["one_time_keys", "fallback_keys", "device_keys"] {
                    try db.execute(sql: "CREATE TABLE \(table) (device INTEGER, json BLOB)")
                    try db.execute(sql: "INSERT INTO \(table) VALUES (1, '{}'), (2, '{}')")
                }
            }
            try SQLiteBackup.rejuvenate(path)
            try queue.read { db in
                let position = try Int64.fetchOne(db, sql: "SELECT value FROM server_state")
                #expect(position == 41 + SQLiteBackup.positionGap)
                guard hasKeys else { return }
                #expect(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM one_time_keys") == 0)
                #expect(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM fallback_keys") == 0)
                #expect(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM device_keys") == 2)
            }
            try queue.close()
        }
    }

    @Test func damageIsFound() throws {
        try withFolder { folder in
            let path = folder + "/naru.sqlite"
            let database = try SQLiteDatabase(path: path)
            try database.close()
            #expect(try SQLiteBackup.damages(of: path) == [])
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = OFF")
                try db.execute(sql: "INSERT INTO devices (device, user_id, device_id) VALUES (1, '@none:test', 'D')")
            }
            try queue.close()
            #expect(try SQLiteBackup.damages(of: path).count == 1)
        }
    }
}
