import Foundation
import GRDB
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

extension SQLiteStore: RelationWriter {
    private func related(from row: Row) throws -> RelatedEvent {
        RelatedEvent(
            position: row.position("child"), sender: try row.identifier("sender", UserID.self),
            originServerTimestamp: row["origin_server_ts"])
    }

    // MARK: Children

    /// Indirect children are sought among so many.
    private static let maximumRecursiveRows = 10_000

    package func relations(_ query: RelationQuery) throws -> [RelatedEvent] {
        var conditions = ""
        var filter: StatementArguments = []
        if let type = query.type {
            conditions += " AND relations.rel_type = ?"
            filter += [ByteExactString(type).column]
        }
        if let eventType = query.eventType {
            conditions += " AND relations.event_type = ?"
            filter += [ByteExactString(eventType).column]
        }
        if query.onlyValid { conditions += " AND relations.is_valid" }
        let order = query.direction == .backward ? "DESC" : "ASC"
        let range: StatementArguments = [query.after.rawValue, query.before.rawValue, query.limit]
        guard query.depth > 1 else {
            return try rows(
                """
                SELECT child, sender, origin_server_ts FROM relations
                WHERE parent = ?\(conditions) AND child > ? AND child < ? ORDER BY child \(order) LIMIT ?
                """, [query.parent.rawValue] + filter + range
            ).map(related(from:))
        }
        return try rows(
            """
            WITH RECURSIVE related(child, sender, origin_server_ts, depth) AS (
                SELECT child, sender, origin_server_ts, 1 FROM relations WHERE parent = ?\(conditions)
                UNION ALL
                SELECT relations.child, relations.sender, relations.origin_server_ts, related.depth + 1
                FROM related CROSS JOIN relations ON relations.parent = related.child
                WHERE related.depth < ?\(conditions)
                LIMIT \(Self.maximumRecursiveRows)
            )
            SELECT child, sender, origin_server_ts FROM related
            WHERE child > ? AND child < ? ORDER BY child \(order) LIMIT ?
            """, [query.parent.rawValue] + filter + [query.depth] + filter + range
        ).map(related(from:))
    }

    package func relationRecords(
        in room: RoomNumber, after: StreamPosition, upTo: StreamPosition
    ) throws -> [RelationRecord] {
        try rows(
            """
            SELECT relations.*, events.room FROM relations JOIN events ON events.position = relations.child
            WHERE relations.child > ? AND relations.child <= ? AND events.room = ? ORDER BY relations.child
            """, [after.rawValue, upTo.rawValue, room.rawValue]
        ).map { row in
            RelationRecord(
                child: row.position("child"), parent: row.position("parent"), room: RoomNumber(row["room"]),
                type: row.text("rel_type"), eventType: row.text("event_type"),
                sender: try row.identifier("sender", UserID.self), key: row.optionalText("key"),
                originServerTimestamp: row["origin_server_ts"], isValid: row["is_valid"])
        }
    }

    package func relationCount(of parent: StreamPosition, type: String, upTo: StreamPosition) throws -> Int {
        try row(
            """
            SELECT count(*) AS count FROM relations
            WHERE parent = ? AND rel_type = ? AND child <= ? AND is_valid
            """, [parent.rawValue, ByteExactString(type).column, upTo.rawValue]
        )?["count"] ?? 0
    }

    package func hasRelation(
        of parent: StreamPosition, type: String, sender: UserID, upTo: StreamPosition
    ) throws -> Bool {
        try row(
            """
            SELECT 1 FROM relations INDEXED BY relations_by_sender
            WHERE parent = ? AND sender = ? AND rel_type = ? AND child <= ? AND is_valid LIMIT 1
            """, [parent.rawValue, sender.string, ByteExactString(type).column, upTo.rawValue]
        ) != nil
    }

    package func replacements(
        of parent: StreamPosition, sender: UserID, upTo: StreamPosition, limit: Int
    ) throws -> [RelatedEvent] {
        try rows(
            """
            SELECT child, sender, origin_server_ts FROM relations INDEXED BY relations_by_sender
            WHERE parent = ? AND sender = ? AND rel_type = ? AND child <= ? AND is_valid
            ORDER BY origin_server_ts DESC LIMIT ?
            """, [parent.rawValue, sender.string, RelationType.replace, upTo.rawValue, limit]
        ).map(related(from:))
    }

    package func hasAnnotation(
        of parent: StreamPosition, sender: UserID, eventType: String, key: String
    ) throws -> Bool {
        try row(
            """
            SELECT 1 FROM relations INDEXED BY relations_by_sender
            WHERE parent = ? AND sender = ? AND rel_type = ? AND event_type = ? AND key = ? LIMIT 1
            """,
            [
                parent.rawValue, sender.string, RelationType.annotation, ByteExactString(eventType).column,
                ByteExactString(key).column,
            ]
        ) != nil
    }

    // MARK: Threads

    package func threads(in room: RoomNumber, before: StreamPosition, limit: Int) throws -> [ThreadRecord] {
        try rows(
            "SELECT * FROM threads WHERE room = ? AND latest_reply < ? ORDER BY latest_reply DESC LIMIT ?",
            [room.rawValue, before.rawValue, limit]
        ).map { ThreadRecord(root: $0.position("root"), latestReply: $0.position("latest_reply")) }
    }

    package func threadedEvents(
        in room: RoomNumber, after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [EventRecord] {
        try rows(
            """
            SELECT * FROM events INDEXED BY events_in_threads
            WHERE room = ? AND thread_hash IS NOT NULL AND position > ? AND position <= ?
            ORDER BY position DESC LIMIT ?
            """, [room.rawValue, after.rawValue, upTo.rawValue, limit]
        ).map(event(from:))
    }

    // MARK: Writing

    package func insertRelation(_ relation: RelationRecord) throws {
        try execute(
            """
            INSERT INTO relations (child, parent, rel_type, event_type, sender, key, origin_server_ts, is_valid)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                relation.child.rawValue, relation.parent.rawValue, ByteExactString(relation.type).column,
                ByteExactString(relation.eventType).column, relation.sender.string,
                relation.key.map { ByteExactString($0).column }, relation.originServerTimestamp, relation.isValid,
            ])
        guard relation.isValid, relation.isAggregated else { return }
        try execute(
            "UPDATE events SET has_aggregations = 1 WHERE position = ? AND NOT has_aggregations",
            [relation.parent.rawValue])
        guard relation.type == RelationType.thread else { return }
        try execute(
            """
            INSERT INTO threads (root, room, latest_reply) VALUES (?, ?, ?)
            ON CONFLICT (root) DO UPDATE SET latest_reply = max(latest_reply, excluded.latest_reply)
            """, [relation.parent.rawValue, relation.room.rawValue, relation.child.rawValue])
    }

    package func deleteRelation(of child: StreamPosition) throws {
        guard
            let row = try row(
                "SELECT parent, rel_type = ? AS is_thread FROM relations WHERE child = ?",
                [RelationType.thread, child.rawValue])
        else { return }
        try execute("DELETE FROM relations WHERE child = ?", [child.rawValue])
        guard row["is_thread"] else { return }
        let parent: Int64 = row["parent"]
        let latest = try self.row(
            """
            SELECT child FROM relations WHERE parent = ? AND rel_type = ? AND is_valid ORDER BY child DESC LIMIT 1
            """, [parent, RelationType.thread])
        if let latest {
            try execute(
                "UPDATE threads SET latest_reply = ? WHERE root = ?", [latest.position("child").rawValue, parent])
        } else {
            try execute("DELETE FROM threads WHERE root = ?", [parent])
        }
    }
}
