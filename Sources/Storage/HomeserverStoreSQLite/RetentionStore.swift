import Foundation
import GRDB
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

extension SQLiteStore: RetentionWriter {
    // MARK: Deleting by age

    package func retentionProgress(of room: RoomNumber) throws -> StreamPosition {
        try row("SELECT position FROM retention_progress WHERE room = ?", [room.rawValue])?.position("position")
            ?? .zero
    }

    package func setRetentionProgress(_ position: StreamPosition, of room: RoomNumber) throws {
        try execute(
            "INSERT OR REPLACE INTO retention_progress (room, position) VALUES (?, ?)",
            [room.rawValue, position.rawValue])
    }

    private func expiredRun(from row: Row) throws -> ExpiredRun {
        ExpiredRun(
            room: RoomNumber(row["room"]), first: row.position("first_position"), last: row.position("last_position"),
            follows: try EventID(hash: row["follows_hash"]), lastEvent: try EventID(hash: row["last_hash"]),
            lastDepth: row["last_depth"], eventCount: row["event_count"])
    }

    package func expiredRuns(of room: RoomNumber) throws -> [ExpiredRun] {
        try rows("SELECT * FROM expired_runs WHERE room = ? ORDER BY last_position", [room.rawValue])
            .map(expiredRun(from:))
    }

    package func latestExpiredRun(of room: RoomNumber) throws -> ExpiredRun? {
        try row(
            "SELECT * FROM expired_runs WHERE room = ? ORDER BY last_position DESC LIMIT 1", [room.rawValue]
        ).map(expiredRun(from:))
    }

    package func insertExpiredRun(_ run: ExpiredRun) throws {
        guard let follows = run.follows.hash, let last = run.lastEvent.hash else {
            throw CorruptRow(table: "expired_runs", column: "last_hash")
        }
        // The run is later than all that are there: history expires from its beginning on.
        var merged = run
        if let latest = try latestExpiredRun(of: run.room), latest.lastEvent == run.follows {
            merged = ExpiredRun(
                room: run.room, first: latest.first, last: run.last, follows: latest.follows,
                lastEvent: run.lastEvent, lastDepth: run.lastDepth, eventCount: latest.eventCount + run.eventCount)
            try execute(
                "DELETE FROM expired_runs WHERE room = ? AND last_position = ?",
                [run.room.rawValue, latest.last.rawValue])
        }
        try execute(
            """
            INSERT INTO expired_runs
                (room, last_position, first_position, follows_hash, last_hash, last_depth, event_count)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                run.room.rawValue, merged.last.rawValue, merged.first.rawValue, merged.follows.hash ?? follows, last,
                merged.lastDepth, merged.eventCount,
            ])
    }

    package func rooms(after: RoomNumber, limit: Int) throws -> [RoomRecord] {
        try rows("SELECT * FROM rooms WHERE room > ? ORDER BY room LIMIT ?", [after.rawValue, limit])
            .map(room(from:))
    }

    package func currentStateEvent(_ tuple: StateTuple, in room: RoomNumber) throws -> EventRecord? {
        try row(
            """
            SELECT events.* FROM current_state JOIN events ON events.position = current_state.position
            WHERE current_state.room = ? AND current_state.type = ? AND current_state.state_key = ?
            """, [room.rawValue, tuple.type.column, tuple.stateKey.column]
        ).map(event(from:))
    }

    package func isNeededRedaction(_ position: StreamPosition) throws -> Bool {
        try row("SELECT 1 FROM events WHERE redacted_by = ? LIMIT 1", [position.rawValue]) != nil
    }

    package func deleteEvent(at position: StreamPosition) throws {
        try execute("DELETE FROM redacted_originals WHERE position = ?", [position.rawValue])
        try execute("DELETE FROM events WHERE position = ?", [position.rawValue])
    }

    // MARK: What was redacted

    package func redactedOriginal(at position: StreamPosition, now: Int64) throws -> [UInt8]? {
        let row = try row(
            "SELECT pdu FROM redacted_originals WHERE position = ? AND erase_at > ?", [position.rawValue, now])
        return (row?["pdu"] as Data?)?.bytes
    }

    package func hasRedactedOriginals(before milliseconds: Int64) throws -> Bool {
        try row("SELECT 1 FROM redacted_originals WHERE erase_at <= ? LIMIT 1", [milliseconds]) != nil
    }

    package func insertRedactedOriginal(_ pdu: [UInt8], at position: StreamPosition, eraseAt: Int64) throws {
        try execute(
            "INSERT OR REPLACE INTO redacted_originals (position, erase_at, pdu) VALUES (?, ?, ?)",
            [position.rawValue, eraseAt, pdu.data])
    }

    package func eraseRedactedOriginals(before milliseconds: Int64, limit: Int) throws -> Int {
        try execute(
            """
            DELETE FROM redacted_originals WHERE position IN (
                SELECT position FROM redacted_originals WHERE erase_at <= ? ORDER BY erase_at LIMIT ?)
            """, [milliseconds, limit])
        return db.changesCount
    }
}
