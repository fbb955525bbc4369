import GRDB

/// The tables, as a list of migrations; one that has been released is never changed.
package enum Schema {
    package static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in migrations {
            migrator.registerMigration(name) { db in try db.execute(sql: sql) }
        }
        return migrator
    }

    private static let migrations = [
        ("0001_initial", initial),
        ("0002_relations", relations),
        ("0003_room_life", roomLife),
        ("0004_push", push),
        ("0006_accounts", accounts),
        ("0007_end_to_end", endToEnd),
        ("0008_administration", administration),
        ("0005_search", search),
        ("0016_application_services", applicationServices),
    ]

    private static let initial = """
        -- One row a name: the stream position, and what else belongs to the whole server.
        CREATE TABLE server_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE accounts (
            user_id TEXT PRIMARY KEY,
            password_hash TEXT,
            created_at INTEGER NOT NULL,
            is_deactivated INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;

        CREATE TABLE profile_fields (
            user_id TEXT NOT NULL,
            name TEXT NOT NULL,
            value BLOB NOT NULL,
            PRIMARY KEY (user_id, name)
        ) WITHOUT ROWID;

        CREATE TABLE devices (
            device INTEGER PRIMARY KEY,
            user_id TEXT NOT NULL REFERENCES accounts(user_id),
            device_id TEXT NOT NULL,
            display_name TEXT,
            last_seen_at INTEGER,
            last_seen_address TEXT,
            UNIQUE (user_id, device_id)
        );

        -- AUTOINCREMENT: the number of a pair that is gone must never mean another.
        CREATE TABLE token_pairs (
            pair INTEGER PRIMARY KEY AUTOINCREMENT,
            device INTEGER NOT NULL REFERENCES devices(device) ON DELETE CASCADE,
            access_token_hash BLOB NOT NULL UNIQUE,
            refresh_token_hash BLOB UNIQUE,
            expires_at INTEGER,
            replaces INTEGER
        );
        CREATE INDEX token_pairs_by_device ON token_pairs(device);

        CREATE TABLE account_data (
            user_id TEXT NOT NULL,
            room INTEGER NOT NULL, -- 0: global
            type TEXT NOT NULL,
            content BLOB NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (user_id, room, type)
        ) WITHOUT ROWID;

        CREATE TABLE filters (
            user_id TEXT NOT NULL,
            filter INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (user_id, filter)
        ) WITHOUT ROWID;

        CREATE TABLE rooms (
            room INTEGER PRIMARY KEY,
            room_id TEXT NOT NULL UNIQUE,
            version TEXT NOT NULL,
            is_listed INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX rooms_listed ON rooms(room) WHERE is_listed;

        -- type and state_key stand only where there is a state key, for the index of states.
        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            room INTEGER NOT NULL,
            event_hash BLOB NOT NULL,
            type TEXT,
            state_key TEXT,
            replaces INTEGER,
            redacted_by INTEGER,
            device INTEGER, -- that sent it, with the transaction's ID
            transaction_id TEXT,
            pdu BLOB NOT NULL
        );
        CREATE UNIQUE INDEX events_by_hash ON events(event_hash);
        CREATE INDEX events_by_room ON events(room, position);
        CREATE INDEX events_by_state ON events(room, type, state_key, position) WHERE state_key IS NOT NULL;

        CREATE TABLE current_state (
            room INTEGER NOT NULL,
            type TEXT NOT NULL,
            state_key TEXT NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (room, type, state_key)
        ) WITHOUT ROWID;

        CREATE TABLE memberships (
            user_id TEXT NOT NULL,
            room INTEGER NOT NULL,
            membership TEXT NOT NULL,
            position INTEGER NOT NULL, -- since when the membership is what it is
            is_forgotten INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (user_id, room)
        ) WITHOUT ROWID;
        CREATE INDEX memberships_by_room ON memberships(room, membership);

        CREATE TABLE transactions (
            device INTEGER NOT NULL,
            path_hash BLOB NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (device, path_hash)
        ) WITHOUT ROWID;

        CREATE TABLE aliases (
            alias TEXT PRIMARY KEY,
            room INTEGER NOT NULL,
            creator TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX aliases_by_room ON aliases(room);

        CREATE TABLE receipts (
            room INTEGER NOT NULL,
            user_id TEXT NOT NULL,
            type TEXT NOT NULL,
            thread_id TEXT NOT NULL, -- empty: unthreaded
            event_hash BLOB NOT NULL,
            event_position INTEGER NOT NULL,
            timestamp INTEGER NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (room, user_id, type, thread_id)
        ) WITHOUT ROWID;
        CREATE INDEX receipts_by_position ON receipts(room, position);
        """
}
