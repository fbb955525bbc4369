extension Schema {
    /// Reports, delayed events, deleting by age, redacted originals, and rooms for the server's notices.
    static let roomLife = """
        -- AUTOINCREMENT: the number of a report that is gone must never mean another.
        CREATE TABLE reports (
            report INTEGER PRIMARY KEY AUTOINCREMENT,
            reporter TEXT NOT NULL,
            room_id TEXT,
            event_id TEXT,
            user_id TEXT,
            reason TEXT NOT NULL,
            created_at INTEGER NOT NULL
        );
        CREATE INDEX reports_by_reporter ON reports(reporter);

        -- entry: the order in which they were made, for those that are due in the same millisecond.
        CREATE TABLE delayed_events (
            entry INTEGER PRIMARY KEY AUTOINCREMENT,
            delay_id TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            device INTEGER NOT NULL,
            room_id TEXT NOT NULL,
            type BLOB NOT NULL,
            state_key BLOB,
            content BLOB NOT NULL,
            delay INTEGER NOT NULL,
            running_since INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            path_hash BLOB,
            transaction_id TEXT,
            outcome TEXT, -- null: waiting
            finalized_at INTEGER,
            event_id TEXT,
            error BLOB
        );
        CREATE INDEX delayed_events_due ON delayed_events(due_at, entry) WHERE outcome IS NULL;
        CREATE INDEX delayed_events_finalized ON delayed_events(finalized_at) WHERE outcome IS NOT NULL;
        CREATE INDEX delayed_events_by_user ON delayed_events(user_id, due_at);
        CREATE UNIQUE INDEX delayed_events_by_transaction ON delayed_events(device, path_hash)
            WHERE path_hash IS NOT NULL;

        CREATE TABLE retention_progress (room INTEGER PRIMARY KEY, position INTEGER NOT NULL);

        CREATE TABLE expired_runs (
            room INTEGER NOT NULL,
            last_position INTEGER NOT NULL,
            first_position INTEGER NOT NULL,
            follows_hash BLOB NOT NULL,
            last_hash BLOB NOT NULL,
            last_depth INTEGER NOT NULL,
            event_count INTEGER NOT NULL,
            PRIMARY KEY (room, last_position)
        ) WITHOUT ROWID;

        -- What redacted events said, until they are erased for good.
        CREATE TABLE redacted_originals (
            position INTEGER PRIMARY KEY,
            erase_at INTEGER NOT NULL,
            pdu BLOB NOT NULL
        );
        CREATE INDEX redacted_originals_by_time ON redacted_originals(erase_at);
        CREATE INDEX events_by_redaction ON events(redacted_by) WHERE redacted_by IS NOT NULL;

        CREATE TABLE notices_rooms (user_id TEXT PRIMARY KEY, room_id TEXT NOT NULL UNIQUE) WITHOUT ROWID;
        """
}
