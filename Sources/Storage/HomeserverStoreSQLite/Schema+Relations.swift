extension Schema {
    /// Which events relate to which, which threads there are, and the times of events.
    static let relations = """
        -- Whether other events are shown with this one; which thread it is in, and over how many relations.
        ALTER TABLE events ADD COLUMN has_aggregations INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE events ADD COLUMN thread_hash BLOB;
        ALTER TABLE events ADD COLUMN thread_hops INTEGER;
        ALTER TABLE events ADD COLUMN origin_server_ts INTEGER NOT NULL DEFAULT 0;
        UPDATE events SET origin_server_ts = coalesce(json_extract(CAST(pdu AS TEXT), '$.origin_server_ts'), 0);

        -- With the time, so that an event is found by it without a further index that every event would pay for.
        DROP INDEX events_by_room;
        CREATE INDEX events_by_room ON events(room, position, origin_server_ts);
        CREATE INDEX events_in_threads ON events(room, position) WHERE thread_hash IS NOT NULL;

        -- Only events that relate to another one of their room.
        CREATE TABLE relations (
            child INTEGER PRIMARY KEY,
            parent INTEGER NOT NULL,
            rel_type TEXT NOT NULL,
            event_type TEXT NOT NULL,
            sender TEXT NOT NULL,
            key TEXT,
            origin_server_ts INTEGER NOT NULL,
            is_valid INTEGER NOT NULL
        );
        CREATE INDEX relations_by_parent ON relations(parent, child);
        CREATE INDEX relations_by_type ON relations(parent, rel_type, child, is_valid);
        CREATE INDEX relations_by_sender ON relations(parent, sender, rel_type, origin_server_ts);

        CREATE TABLE threads (
            root INTEGER PRIMARY KEY,
            room INTEGER NOT NULL,
            latest_reply INTEGER NOT NULL
        );
        CREATE INDEX threads_by_latest_reply ON threads(room, latest_reply);
        """
}
