extension Schema {
    static let search = """
        CREATE TABLE search_segments (
            segment INTEGER PRIMARY KEY,
            room INTEGER NOT NULL,
            first INTEGER NOT NULL, -- position of the first event
            last INTEGER NOT NULL,
            count INTEGER NOT NULL,
            documents BLOB NOT NULL
        );
        CREATE INDEX search_segments_by_room ON search_segments(room, last, first, count);

        -- The number of a block is its segment's times 2^32 plus its first term. A rowid keeps the blocks of a segment
        -- side by side, three to a page.
        CREATE TABLE search_blocks (block INTEGER PRIMARY KEY, postings BLOB NOT NULL);

        CREATE TABLE directory_entries (
            entry INTEGER PRIMARY KEY,
            user_id TEXT NOT NULL UNIQUE,
            terms BLOB NOT NULL -- four bytes each, to be found again in directory_terms
        );
        CREATE TABLE directory_terms (
            term INTEGER NOT NULL,
            entry INTEGER NOT NULL,
            PRIMARY KEY (term, entry)
        ) WITHOUT ROWID;

        -- Whoever changes a name need not know of the directory.
        CREATE TABLE directory_changes (user_id TEXT PRIMARY KEY) WITHOUT ROWID;
        INSERT INTO directory_changes SELECT user_id FROM accounts;
        CREATE TRIGGER directory_account_inserted AFTER INSERT ON accounts BEGIN
            INSERT OR IGNORE INTO directory_changes VALUES (new.user_id);
        END;
        CREATE TRIGGER directory_account_changed AFTER UPDATE OF is_deactivated ON accounts BEGIN
            INSERT OR IGNORE INTO directory_changes VALUES (new.user_id);
        END;
        CREATE TRIGGER directory_name_set AFTER INSERT ON profile_fields WHEN new.name = 'displayname' BEGIN
            INSERT OR IGNORE INTO directory_changes VALUES (new.user_id);
        END;
        CREATE TRIGGER directory_name_changed AFTER UPDATE ON profile_fields WHEN new.name = 'displayname' BEGIN
            INSERT OR IGNORE INTO directory_changes VALUES (new.user_id);
        END;
        CREATE TRIGGER directory_name_removed AFTER DELETE ON profile_fields WHEN old.name = 'displayname' BEGIN
            INSERT OR IGNORE INTO directory_changes VALUES (old.user_id);
        END;
        """
}
