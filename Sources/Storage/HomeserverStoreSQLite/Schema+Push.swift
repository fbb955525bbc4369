extension Schema {
    static let push = """
        -- AUTOINCREMENT: the number of a pusher that is gone must never mean another.
        CREATE TABLE pushers (
            pusher INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id TEXT NOT NULL,
            device INTEGER NOT NULL REFERENCES devices(device) ON DELETE CASCADE, -- that set it
            app_id TEXT NOT NULL,
            pushkey TEXT NOT NULL,
            kind TEXT NOT NULL,
            app_display_name TEXT NOT NULL,
            device_display_name TEXT NOT NULL,
            profile_tag TEXT,
            lang TEXT NOT NULL,
            data BLOB NOT NULL, -- JSON
            pushkey_at INTEGER NOT NULL, -- milliseconds since 1970
            start INTEGER NOT NULL, -- later events are for it
            behind INTEGER, -- what is later has not been delivered yet; null: nothing is outstanding
            badge INTEGER NOT NULL DEFAULT 0, -- the unread count that the gateway was told last
            UNIQUE (app_id, pushkey, user_id)
        );
        CREATE INDEX pushers_by_user ON pushers(user_id);
        CREATE INDEX pushers_by_device ON pushers(device);
        """
}
