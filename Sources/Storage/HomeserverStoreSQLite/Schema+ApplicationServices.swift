extension Schema {
    static let applicationServices = """
        CREATE TABLE application_services (
            id TEXT PRIMARY KEY,
            position INTEGER NOT NULL, -- what is not later is in the transaction, or needs none
            transaction_id TEXT, -- null: the service has taken everything
            transaction_body BLOB
        );

        -- AUTOINCREMENT: a number that is gone must never mean another user. What stands for a device is the negative.
        CREATE TABLE users_without_device (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id TEXT NOT NULL UNIQUE
        );

        CREATE TABLE network_rooms (
            service TEXT NOT NULL,
            network TEXT NOT NULL,
            room INTEGER NOT NULL,
            PRIMARY KEY (service, network, room)
        ) WITHOUT ROWID;
        CREATE INDEX network_rooms_by_room ON network_rooms(room);
        """
}
