import Foundation
import GRDB
import HomeserverStore

/// Copies of the database's file, and what has to be done with one before a server runs on it.
package enum SQLiteBackup {
    /// Pages copied between two reports of progress: a megabyte.
    private static let pagesPerStep: CInt = 256

    /// Copies the database as it stands at one moment, while servers and others use it. None of them waits for it.
    ///
    /// One read transaction holds the moment, so that what is written meanwhile neither gets in nor begins the copy anew.
    /// The write-ahead log grows until the copy is whole.
    ///
    /// - Parameter progress: is told the pages copied and their total.
    package static func copy(from source: String, to target: String, progress: (Int, Int) -> Void) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let from = try DatabaseQueue(path: source, configuration: configuration)
        let to = try DatabaseQueue(path: target)
        try to.writeWithoutTransaction { to in
            try from.read { from in
                // The first read fixes the moment; without it each step of the copy would take one of its own.
                _ = try Int.fetchOne(from, sql: "SELECT COUNT(*) FROM sqlite_master")
                try withoutActuallyEscaping(progress) { progress in
                    try from.backup(to: to, pagesPerStep: pagesPerStep) { state in
                        progress(state.totalPageCount - state.remainingPageCount, state.totalPageCount)
                    }
                }
            }
            // A copy is one file.
            try to.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        try from.close()
        try to.close()
    }

    /// What SQLite itself finds wrong with a file; nothing when it is whole.
    package static func damages(of path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        let damages = try queue.read { db in
            let integrity = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let references = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
                "a row of \(row["table"] as String? ?? "a table") refers to one that is not there"
            }
            return integrity + references
        }
        try queue.close()
        return damages
    }

    /// Positions between a backup's last and a restored server's first: more than a server gives out in a month at its
    /// fastest, and few enough for 100,000 restorations before JSON's integers end.
    package static let positionGap: Int64 = 1 << 36

    /// Makes a copy fit to be served again.
    ///
    /// Positions of the stream that were given out after the backup must not come a second time: a client that holds
    /// such a token would miss what is written until the stream gets there. And one-time keys that were claimed since
    /// would be claimed again, which breaks the sessions made with them, so none of those in the backup is kept;
    /// clients bring new ones when they see that there are none.
    /// https://spec.matrix.org/v1.19/client-server-api/#one-time-and-fallback-keys
    package static func rejuvenate(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(
                sql: "UPDATE server_state SET value = value + ? WHERE name = 'stream_position'",
                arguments: [positionGap])
            for table in ["one_time_keys", "fallback_keys"] where try db.tableExists(table) {
                try db.execute(sql: "DELETE FROM \(table)")
            }
        }
        try queue.close()
    }
}
