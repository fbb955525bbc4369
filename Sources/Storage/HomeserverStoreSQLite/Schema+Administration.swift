extension Schema {
    /// The deletion of rooms.
    static let administration = """
        CREATE TABLE room_deletions (
            room INTEGER PRIMARY KEY,
            stage TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            finished_at INTEGER,
            removed_user_count INTEGER NOT NULL,
            purged_row_count INTEGER NOT NULL
        );
        CREATE INDEX room_deletions_unfinished ON room_deletions(room) WHERE finished_at IS NULL;
        """
}
