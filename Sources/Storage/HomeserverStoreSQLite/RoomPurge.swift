import Foundation
import GRDB
import HomeserverStore

/// Finds and deletes what the tables hold of a room.
///
/// Tables are found by a convention, so that one which is added later is not forgotten: what is about a room has the
/// room's number in a column `room`. What is about one event and not about its room names the event's position in the
/// column that stands here.
struct RoomPurge {
    /// These stay: the room itself with the fact that it is deleted, and who was in it.
    private static let kept = ["rooms", "room_deletions", "memberships", "events"]
    private static let tablesByEvent = [("redacted_originals", "position"), ("relations", "child")]
    private static let keptTypes = "('m.room.create', 'm.room.member')"

    let store: SQLiteStore
    let room: RoomNumber

    /// - Returns: how many rows were deleted, at most about `limit`.
    func run(limit: Int) throws -> Int {
        var count = 0
        for table in try tables() where count < limit { count += try purge(table, limit: limit - count) }
        guard count < limit else { return count }
        return try count + purgeEvents(limit: limit - count)
    }

    private func tables() throws -> [String] {
        let names = try store.rows(
            """
            SELECT DISTINCT sqlite_master.name AS name FROM sqlite_master, pragma_table_info(sqlite_master.name) AS info
            WHERE sqlite_master.type = 'table' AND info.name = 'room' ORDER BY sqlite_master.name
            """)
        return names.map { $0["name"] as String }.filter { !Self.kept.contains($0) }
    }

    private func purge(_ table: String, limit: Int) throws -> Int {
        if table == "search_segments" { try purgeSearchBlocks(limit: limit) }
        let keys = try primaryKey(of: table)
        let condition = table == "current_state" ? " AND type NOT IN \(Self.keptTypes)" : ""
        let columns = keys.joined(separator: ", ")
        try store.execute(
            """
            DELETE FROM \(table) WHERE (\(columns)) IN
                (SELECT \(columns) FROM \(table) WHERE room = ?\(condition) LIMIT ?)
            """, [room.rawValue, limit])
        return store.db.changesCount
    }

    private func primaryKey(of table: String) throws -> [String] {
        let rows = try store.rows("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [table])
        return rows.isEmpty ? ["rowid"] : rows.map { $0["name"] }
    }

    /// The blocks of an index belong to the segments that are deleted next: their numbers begin with the segment's.
    private func purgeSearchBlocks(limit: Int) throws {
        let segments = try store.rows(
            "SELECT segment FROM search_segments WHERE room = ? LIMIT ?", [room.rawValue, limit])
        for row in segments {
            let segment: Int64 = row["segment"]
            try store.execute(
                "DELETE FROM search_blocks WHERE block >= ? AND block < ?", [segment << 32, (segment + 1) << 32])
        }
    }

    private func purgeEvents(limit: Int) throws -> Int {
        let positions = try store.rows(
            """
            SELECT position FROM events WHERE room = ? AND position NOT IN
                (SELECT position FROM current_state WHERE room = ?) LIMIT ?
            """, [room.rawValue, room.rawValue, limit]
        ).map { $0["position"] as Int64 }
        let present = try Self.tablesByEvent.filter { try store.db.tableExists($0.0) }
        for position in positions {
            for (table, column) in present { try store.execute("DELETE FROM \(table) WHERE \(column) = ?", [position]) }
            try store.execute("DELETE FROM events WHERE position = ?", [position])
        }
        return positions.count
    }
}

extension SQLiteStore {
    package func purgeRows(of room: RoomNumber, limit: Int) throws -> Int {
        try RoomPurge(store: self, room: room).run(limit: limit)
    }
}
