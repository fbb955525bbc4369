import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: DelayedEventWriter {
    private func delayedEvent(from row: Row) throws -> DelayedEventRecord {
        let transaction = (row["path_hash"] as Data?).map { hash in
            DelayedEventRecord.DelayedTransaction(pathHash: hash.bytes, id: row["transaction_id"])
        }
        // Types and state keys are read back, and SQLite's texts end at a NUL, so they are kept as bytes.
        var event = DelayedEventRecord(
            delayID: row["delay_id"], userID: try row.identifier("user_id", UserID.self),
            device: DeviceNumber(row["device"]), roomID: try row.identifier("room_id", RoomID.self),
            type: String(decoding: row["type"] as Data, as: UTF8.self),
            stateKey: (row["state_key"] as Data?).map { String(decoding: $0, as: UTF8.self) },
            content: (row["content"] as Data).bytes, delayMilliseconds: row["delay"],
            runningSince: row["running_since"], transaction: transaction)
        event.outcome = (row["outcome"] as String?).flatMap(DelayedEventRecord.Outcome.init)
        event.finalizedAt = row["finalized_at"]
        event.eventID = (row["event_id"] as String?).flatMap(EventID.init)
        event.error = (row["error"] as Data?)?.bytes
        return event
    }

    package func delayedEvent(_ delayID: String) throws -> DelayedEventRecord? {
        try row("SELECT * FROM delayed_events WHERE delay_id = ?", [delayID]).map(delayedEvent(from:))
    }

    package func delayedEvent(of device: DeviceNumber, pathHash: [UInt8]) throws -> DelayedEventRecord? {
        try row(
            "SELECT * FROM delayed_events WHERE device = ? AND path_hash = ?", [device.rawValue, pathHash.data]
        ).map(delayedEvent(from:))
    }

    package func delayedEvents(of userID: UserID) throws -> [DelayedEventRecord] {
        try rows(
            "SELECT * FROM delayed_events WHERE user_id = ? ORDER BY due_at, entry", [userID.string]
        ).map(delayedEvent(from:))
    }

    package func dueDelayedEvents(at milliseconds: Int64, limit: Int) throws -> [DelayedEventRecord] {
        try rows(
            """
            SELECT * FROM delayed_events WHERE outcome IS NULL AND due_at <= ? ORDER BY due_at, entry LIMIT ?
            """, [milliseconds, limit]
        ).map(delayedEvent(from:))
    }

    package func nextDelayedEventDueAt() throws -> Int64? {
        try row("SELECT due_at FROM delayed_events WHERE outcome IS NULL ORDER BY due_at, entry LIMIT 1")?["due_at"]
    }

    package func insertDelayedEvent(_ event: DelayedEventRecord) throws {
        try execute(
            """
            INSERT INTO delayed_events
                (delay_id, user_id, device, room_id, type, state_key, content, delay, running_since, due_at,
                 path_hash, transaction_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                event.delayID, event.userID.string, event.device.rawValue, event.roomID.string,
                Data(event.type.utf8), event.stateKey.map { Data($0.utf8) }, event.content.data,
                event.delayMilliseconds, event.runningSince, event.dueAt, event.transaction?.pathHash.data,
                event.transaction?.id,
            ])
    }

    package func updateDelayedEvent(_ event: DelayedEventRecord) throws {
        try execute(
            """
            UPDATE delayed_events
            SET running_since = ?, due_at = ?, outcome = ?, finalized_at = ?, event_id = ?, error = ?
            WHERE delay_id = ?
            """,
            [
                event.runningSince, event.dueAt, event.outcome?.rawValue, event.finalizedAt, event.eventID?.string,
                event.error?.data, event.delayID,
            ])
    }

    package func deleteFinalizedDelayedEvents(before milliseconds: Int64) throws {
        try execute(
            "DELETE FROM delayed_events WHERE outcome IS NOT NULL AND finalized_at < ?", [milliseconds])
    }

    package func deleteFinalizedDelayedEvents(of userID: UserID, keeping maximumCount: Int) throws {
        try execute(
            """
            DELETE FROM delayed_events WHERE entry IN (
                SELECT entry FROM delayed_events WHERE user_id = ? AND outcome IS NOT NULL
                ORDER BY finalized_at DESC, entry DESC LIMIT -1 OFFSET ?)
            """, [userID.string, maximumCount])
    }
}
