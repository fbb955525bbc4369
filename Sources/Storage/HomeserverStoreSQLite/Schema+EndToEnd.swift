/// End-to-end encryption's server side: what devices publish, and what waits for them.
extension Schema {
    static let endToEnd = """
        CREATE TABLE device_keys (
            device INTEGER PRIMARY KEY REFERENCES devices(device) ON DELETE CASCADE,
            json BLOB NOT NULL
        );

        CREATE TABLE one_time_keys (
            device INTEGER NOT NULL REFERENCES devices(device) ON DELETE CASCADE,
            algorithm TEXT NOT NULL,
            key_id TEXT NOT NULL,
            upload INTEGER NOT NULL, -- the device's uploads in order
            json BLOB NOT NULL,
            PRIMARY KEY (device, algorithm, key_id)
        ) WITHOUT ROWID;
        CREATE INDEX one_time_keys_by_upload ON one_time_keys(device, algorithm, upload);

        -- The hashes of the keys that were given out last, so that an upload that is repeated brings none of them back.
        CREATE TABLE claimed_keys (
            device INTEGER NOT NULL REFERENCES devices(device) ON DELETE CASCADE,
            key_hash BLOB NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (device, key_hash)
        ) WITHOUT ROWID;
        CREATE INDEX claimed_keys_by_number ON claimed_keys(device, number);

        CREATE TABLE fallback_keys (
            device INTEGER NOT NULL REFERENCES devices(device) ON DELETE CASCADE,
            algorithm TEXT NOT NULL,
            key_id TEXT NOT NULL,
            json BLOB NOT NULL,
            is_used INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (device, algorithm)
        ) WITHOUT ROWID;

        CREATE TABLE dehydrated_devices (
            user_id TEXT PRIMARY KEY,
            device INTEGER NOT NULL UNIQUE REFERENCES devices(device) ON DELETE CASCADE,
            device_data BLOB NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE cross_signing_keys (
            user_id TEXT NOT NULL,
            usage TEXT NOT NULL,
            public_key TEXT NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (user_id, usage)
        ) WITHOUT ROWID;

        CREATE TABLE key_signatures (
            user_id TEXT NOT NULL, -- whose key is signed
            target TEXT NOT NULL, -- a device ID or a public key
            signer TEXT NOT NULL,
            key_id TEXT NOT NULL, -- what it is signed with
            signature TEXT NOT NULL,
            PRIMARY KEY (user_id, target, signer, key_id)
        ) WITHOUT ROWID;
        CREATE INDEX key_signatures_by_signer ON key_signatures(signer, key_id);

        -- The latest change of each user's keys; with an audience, one that only this user can see.
        CREATE TABLE device_list_changes (
            user_id TEXT NOT NULL,
            audience TEXT NOT NULL, -- empty: everybody who shares a room with the user
            position INTEGER NOT NULL,
            PRIMARY KEY (user_id, audience)
        ) WITHOUT ROWID;
        CREATE INDEX device_list_changes_by_position ON device_list_changes(audience, position);
        -- Who has come or gone since.
        CREATE INDEX memberships_by_position ON memberships(room, position);

        CREATE TABLE to_device_messages (
            device INTEGER NOT NULL REFERENCES devices(device) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            number INTEGER NOT NULL, -- grows by one with each message of the inbox
            bytes_before INTEGER NOT NULL, -- grows by each earlier message's size
            json BLOB NOT NULL,
            PRIMARY KEY (device, position)
        ) WITHOUT ROWID;

        CREATE TABLE key_backups (
            user_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            algorithm TEXT NOT NULL,
            auth_data BLOB NOT NULL,
            etag INTEGER NOT NULL DEFAULT 0,
            key_count INTEGER NOT NULL DEFAULT 0,
            -- The row of the highest version stays when the backup is deleted, so that no version is given out twice.
            is_deleted INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (user_id, version)
        ) WITHOUT ROWID;

        CREATE TABLE backed_up_keys (
            user_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            room_id TEXT NOT NULL,
            session_id TEXT NOT NULL,
            first_message_index INTEGER NOT NULL,
            forwarded_count INTEGER NOT NULL,
            is_verified INTEGER NOT NULL,
            session_data BLOB NOT NULL,
            PRIMARY KEY (user_id, version, room_id, session_id)
        ) WITHOUT ROWID;
        """
}
