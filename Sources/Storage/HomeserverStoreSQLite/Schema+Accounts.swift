extension Schema {
    /// States of accounts, registration tokens, secrets that expire, and the clients of OAuth 2.0.
    static let accounts = """
        ALTER TABLE accounts ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE accounts ADD COLUMN is_suspended INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE accounts ADD COLUMN is_administrator INTEGER NOT NULL DEFAULT 0;
        -- Deactivated, but has not left all rooms yet: goes on after a crash.
        ALTER TABLE accounts ADD COLUMN has_rooms_to_leave INTEGER NOT NULL DEFAULT 0;
        -- The stream's position when the user wished to be erased.
        ALTER TABLE accounts ADD COLUMN erased_at INTEGER;
        CREATE INDEX accounts_with_rooms_to_leave ON accounts(user_id) WHERE has_rooms_to_leave;
        CREATE INDEX accounts_erased ON accounts(user_id) WHERE erased_at IS NOT NULL;

        -- Null for a device that was signed in on by the legacy API.
        ALTER TABLE devices ADD COLUMN oauth_client TEXT;
        CREATE INDEX devices_by_oauth_client ON devices(oauth_client) WHERE oauth_client IS NOT NULL;

        -- Refresh tokens that were used and whose successors were used: whoever shows one has stolen it, or was robbed.
        CREATE TABLE retired_refresh_tokens (
            number INTEGER PRIMARY KEY,
            device INTEGER NOT NULL REFERENCES devices(device) ON DELETE CASCADE,
            token_hash BLOB NOT NULL UNIQUE
        );
        CREATE INDEX retired_refresh_tokens_by_device ON retired_refresh_tokens(device, number);

        CREATE TABLE registration_tokens (
            token TEXT PRIMARY KEY,
            uses_allowed INTEGER, -- null: any number
            completed INTEGER NOT NULL DEFAULT 0,
            expires_at INTEGER, -- null: never
            created_at INTEGER NOT NULL
        ) WITHOUT ROWID;

        -- What somebody was given for a while: codes, tokens of one use, sessions of a browser.
        CREATE TABLE grants (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            secret_hash BLOB NOT NULL,
            user_id TEXT, -- null while nobody has taken it up
            content BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            UNIQUE (kind, secret_hash)
        );
        CREATE INDEX grants_by_expiry ON grants(kind, expires_at);
        CREATE INDEX grants_by_user ON grants(user_id) WHERE user_id IS NOT NULL;

        CREATE TABLE oauth_clients (
            client_id TEXT PRIMARY KEY,
            metadata BLOB NOT NULL,
            used_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX oauth_clients_by_use ON oauth_clients(used_at);
        """
}
