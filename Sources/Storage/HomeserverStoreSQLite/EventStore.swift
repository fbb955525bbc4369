import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: EventWriter {
    func event(from row: Row) throws -> EventRecord {
        EventRecord(
            position: row.position("position"), room: RoomNumber(row["room"]),
            eventID: try EventID(hash: row["event_hash"]), pdu: (row["pdu"] as Data).bytes,
            replaces: row.optionalPosition("replaces"), redactedBy: row.optionalPosition("redacted_by"),
            transaction: (row["transaction_id"] as String?).map { id in
                TransactionRecord(device: DeviceNumber(row["device"]), id: id)
            },
            originServerTimestamp: row["origin_server_ts"],
            thread: try (row["thread_hash"] as Data?).map { hash in
                ThreadMembership(root: try EventID(hash: hash), hops: row["thread_hops"])
            },
            hasAggregations: row["has_aggregations"])
    }

    // MARK: Events

    package func event(_ eventID: EventID) throws -> EventRecord? {
        guard let hash = eventID.hash else { return nil }
        return try row("SELECT * FROM events WHERE event_hash = ?", [hash]).map(event(from:))
    }

    package func event(at position: StreamPosition) throws -> EventRecord? {
        try row("SELECT * FROM events WHERE position = ?", [position.rawValue]).map(event(from:))
    }

    package func timeline(
        of room: RoomNumber, after: StreamPosition, before: StreamPosition, limit: Int, direction: TimelineDirection
    ) throws -> [EventRecord] {
        let order = direction == .backward ? "DESC" : "ASC"
        return try rows(
            """
            SELECT * FROM events WHERE room = ? AND position > ? AND position < ? ORDER BY position \(order) LIMIT ?
            """, [room.rawValue, after.rawValue, before.rawValue, limit]
        ).map(event(from:))
    }

    package func events(after position: StreamPosition, limit: Int) throws -> [EventRecord] {
        try rows("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?", [position.rawValue, limit])
            .map(event(from:))
    }

    package func latestEvent(in room: RoomNumber) throws -> EventRecord? {
        try row("SELECT * FROM events WHERE room = ? ORDER BY position DESC LIMIT 1", [room.rawValue])
            .map(event(from:))
    }

    package func insertEvent(_ event: EventRecord, stateTuple: StateTuple?) throws {
        guard let hash = event.eventID.hash else { throw CorruptRow(table: "events", column: "event_hash") }
        try execute(
            """
            INSERT INTO events
                (position, room, event_hash, type, state_key, replaces, device, transaction_id, pdu, origin_server_ts,
                 thread_hash, thread_hops)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                event.position.rawValue, event.room.rawValue, hash, stateTuple?.type.column,
                stateTuple?.stateKey.column, event.replaces?.rawValue, event.transaction?.device.rawValue,
                event.transaction?.id, event.pdu.data, event.originServerTimestamp, event.thread?.root.hash,
                event.thread?.hops,
            ])
    }

    package func redactEvent(at position: StreamPosition, by redaction: StreamPosition, redactedPDU: [UInt8]) throws {
        try execute(
            "UPDATE events SET pdu = ?, redacted_by = ? WHERE position = ?",
            [redactedPDU.data, redaction.rawValue, position.rawValue])
    }

    // MARK: State

    package func currentState(of room: RoomNumber) throws -> [EventRecord] {
        try rows(
            """
            SELECT events.* FROM current_state JOIN events ON events.position = current_state.position
            WHERE current_state.room = ? ORDER BY events.position
            """, [room.rawValue]
        ).map(event(from:))
    }

    package func setCurrentState(_ tuple: StateTuple, in room: RoomNumber, to position: StreamPosition) throws {
        try execute(
            "INSERT OR REPLACE INTO current_state (room, type, state_key, position) VALUES (?, ?, ?, ?)",
            [room.rawValue, tuple.type.column, tuple.stateKey.column, position.rawValue])
    }

    package func state(of room: RoomNumber, at position: StreamPosition) throws -> [EventRecord] {
        try rows(
            """
            SELECT events.* FROM events JOIN (
                SELECT max(position) AS position FROM events
                WHERE room = ? AND state_key IS NOT NULL AND position <= ? GROUP BY type, state_key
            ) AS latest ON latest.position = events.position ORDER BY events.position
            """, [room.rawValue, position.rawValue]
        ).map(event(from:))
    }

    package func stateHistory(of room: RoomNumber, tuple: StateTuple) throws -> [EventRecord] {
        try rows(
            "SELECT * FROM events WHERE room = ? AND type = ? AND state_key = ? ORDER BY position",
            [room.rawValue, tuple.type.column, tuple.stateKey.column]
        ).map(event(from:))
    }

    package func stateChanges(
        of room: RoomNumber, after: StreamPosition, upTo: StreamPosition
    ) throws -> [EventRecord] {
        try rows(
            """
            SELECT events.* FROM events JOIN (
                SELECT max(position) AS position FROM events INDEXED BY events_by_room
                WHERE room = ? AND state_key IS NOT NULL AND position > ? AND position <= ? GROUP BY type, state_key
            ) AS latest ON latest.position = events.position ORDER BY events.position
            """, [room.rawValue, after.rawValue, upTo.rawValue]
        ).map(event(from:))
    }

    // MARK: Times

    package func times(
        of room: RoomNumber, from time: EventTime, direction: TimelineDirection, upTo: StreamPosition, limit: Int
    ) throws -> [EventTime] {
        let (comparison, order) = direction == .backward ? ("<", "DESC") : (">", "ASC")
        // Reads the room's part of one index, a dozen bytes for each event, and none of the events.
        return try rows(
            """
            SELECT position, origin_server_ts FROM events INDEXED BY events_by_room
            WHERE room = ? AND position <= ? AND (origin_server_ts, position) \(comparison) (?, ?)
            ORDER BY origin_server_ts \(order), position \(order) LIMIT ?
            """,
            [room.rawValue, upTo.rawValue, time.originServerTimestamp, time.position.rawValue, limit]
        ).map { EventTime(position: $0.position("position"), originServerTimestamp: $0["origin_server_ts"]) }
    }

    // MARK: Transactions

    package func transaction(_ key: TransactionKey) throws -> StreamPosition? {
        try row(
            "SELECT position FROM transactions WHERE device = ? AND path_hash = ?",
            [key.device.rawValue, key.pathHash.data]
        )?.position("position")
    }

    package func insertTransaction(_ key: TransactionKey, event: StreamPosition) throws {
        try execute(
            "INSERT INTO transactions (device, path_hash, position) VALUES (?, ?, ?)",
            [key.device.rawValue, key.pathHash.data, event.rawValue])
    }
}
