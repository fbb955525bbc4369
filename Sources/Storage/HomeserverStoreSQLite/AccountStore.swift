import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: AccountWriter {
    // MARK: Accounts

    private func account(from row: Row) throws -> AccountRecord {
        AccountRecord(
            userID: try row.identifier("user_id", UserID.self), passwordHash: row["password_hash"],
            createdAt: row["created_at"], isDeactivated: row["is_deactivated"],
            standing: AccountStanding(
                isLocked: row["is_locked"], isSuspended: row["is_suspended"],
                isAdministrator: row["is_administrator"]))
    }

    package func account(_ userID: UserID) throws -> AccountRecord? {
        try row("SELECT * FROM accounts WHERE user_id = ?", [userID.string]).map(account(from:))
    }

    package func accounts(after userID: UserID?, limit: Int) throws -> [AccountRecord] {
        try rows(
            "SELECT * FROM accounts WHERE user_id > ? ORDER BY user_id LIMIT ?", [userID?.string ?? "", limit]
        ).map(account(from:))
    }

    package func usersWithRoomsToLeave() throws -> [UserID] {
        try rows("SELECT user_id FROM accounts WHERE has_rooms_to_leave")
            .map { try $0.identifier("user_id", UserID.self) }
    }

    package func erasedUsers() throws -> [UserID: StreamPosition] {
        let rows = try rows("SELECT user_id, erased_at FROM accounts WHERE erased_at IS NOT NULL")
        return Dictionary(
            uniqueKeysWithValues: try rows.map { row in
                (try row.identifier("user_id", UserID.self), row.position("erased_at"))
            })
    }

    package func insertAccount(_ account: AccountRecord) throws {
        try execute(
            """
            INSERT INTO accounts
                (user_id, password_hash, created_at, is_deactivated, is_locked, is_suspended, is_administrator)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                account.userID.string, account.passwordHash, account.createdAt, account.isDeactivated,
                account.standing.isLocked, account.standing.isSuspended, account.standing.isAdministrator,
            ])
    }

    package func setStanding(_ standing: AccountStanding, of userID: UserID) throws {
        try execute(
            "UPDATE accounts SET is_locked = ?, is_suspended = ?, is_administrator = ? WHERE user_id = ?",
            [standing.isLocked, standing.isSuspended, standing.isAdministrator, userID.string])
    }

    package func deactivateAccount(_ userID: UserID, erasedAt: StreamPosition?) throws {
        try execute(
            """
            UPDATE accounts SET is_deactivated = 1, password_hash = NULL, has_rooms_to_leave = 1, is_administrator = 0,
                erased_at = coalesce(erased_at, ?)
            WHERE user_id = ?
            """, [erasedAt?.rawValue, userID.string])
        let tables = [
            "profile_fields", "account_data", "filters", "grants", "cross_signing_keys", "key_signatures",
            "key_backups", "backed_up_keys", "dehydrated_devices",
        ]
        for table in tables {
            try execute("DELETE FROM \(table) WHERE user_id = ?", [userID.string])
        }
    }

    package func setHasRoomsToLeave(_ hasRooms: Bool, userID: UserID) throws {
        try execute("UPDATE accounts SET has_rooms_to_leave = ? WHERE user_id = ?", [hasRooms, userID.string])
    }

    package func setPasswordHash(_ hash: String, of userID: UserID) throws {
        try execute("UPDATE accounts SET password_hash = ? WHERE user_id = ?", [hash, userID.string])
    }

    // MARK: Devices

    private func device(from row: Row) throws -> DeviceRecord {
        DeviceRecord(
            number: DeviceNumber(row["device"]), userID: try row.identifier("user_id", UserID.self),
            deviceID: row["device_id"], displayName: row["display_name"], lastSeenAt: row["last_seen_at"],
            lastSeenAddress: row["last_seen_address"], oauthClient: row["oauth_client"])
    }

    package func device(_ deviceID: String, of userID: UserID) throws -> DeviceRecord? {
        try row("SELECT * FROM devices WHERE user_id = ? AND device_id = ?", [userID.string, deviceID])
            .map(device(from:))
    }

    package func device(_ number: DeviceNumber) throws -> DeviceRecord? {
        try row("SELECT * FROM devices WHERE device = ?", [number.rawValue]).map(device(from:))
    }

    package func devices(of userID: UserID) throws -> [DeviceRecord] {
        try rows("SELECT * FROM devices WHERE user_id = ? ORDER BY device", [userID.string]).map(device(from:))
    }

    package func upsertDevice(_ deviceID: String, of userID: UserID, displayName: String?) throws -> DeviceNumber {
        let row = try row(
            """
            INSERT INTO devices (user_id, device_id, display_name) VALUES (?, ?, ?)
            ON CONFLICT (user_id, device_id) DO UPDATE SET display_name = coalesce(excluded.display_name, display_name)
            RETURNING device
            """, [userID.string, deviceID, displayName])
        guard let row else { throw CorruptRow(table: "devices", column: "device") }
        return DeviceNumber(row["device"])
    }

    package func setDisplayName(_ displayName: String?, of device: DeviceNumber) throws {
        try execute("UPDATE devices SET display_name = ? WHERE device = ?", [displayName, device.rawValue])
    }

    package func setOAuthClient(_ clientID: String?, of device: DeviceNumber) throws {
        try execute("UPDATE devices SET oauth_client = ? WHERE device = ?", [clientID, device.rawValue])
    }

    package func setLastSeen(at milliseconds: Int64, address: String, of device: DeviceNumber) throws {
        try execute(
            "UPDATE devices SET last_seen_at = ?, last_seen_address = ? WHERE device = ?",
            [milliseconds, address, device.rawValue])
    }

    package func deleteDevice(_ device: DeviceNumber) throws {
        try execute("DELETE FROM transactions WHERE device = ?", [device.rawValue])
        try execute("DELETE FROM devices WHERE device = ?", [device.rawValue])
    }

    // MARK: Tokens

    private func tokenPair(from row: Row) -> TokenPairRecord {
        TokenPairRecord(
            number: row["pair"], device: DeviceNumber(row["device"]),
            accessTokenHash: (row["access_token_hash"] as Data).bytes,
            refreshTokenHash: (row["refresh_token_hash"] as Data?)?.bytes, expiresAt: row["expires_at"],
            replaces: row["replaces"])
    }

    package func tokenPair(accessTokenHash: [UInt8]) throws -> TokenPairRecord? {
        try row("SELECT * FROM token_pairs WHERE access_token_hash = ?", [accessTokenHash.data]).map(tokenPair(from:))
    }

    package func tokenPair(refreshTokenHash: [UInt8]) throws -> TokenPairRecord? {
        try row("SELECT * FROM token_pairs WHERE refresh_token_hash = ?", [refreshTokenHash.data])
            .map(tokenPair(from:))
    }

    package func tokenPairs(of device: DeviceNumber) throws -> [TokenPairRecord] {
        try rows("SELECT * FROM token_pairs WHERE device = ?", [device.rawValue]).map(tokenPair(from:))
    }

    package func tokenPair(_ number: Int64) throws -> TokenPairRecord? {
        try row("SELECT * FROM token_pairs WHERE pair = ?", [number]).map(tokenPair(from:))
    }

    package func device(retiredRefreshTokenHash: [UInt8]) throws -> DeviceNumber? {
        try row("SELECT device FROM retired_refresh_tokens WHERE token_hash = ?", [retiredRefreshTokenHash.data])
            .map { DeviceNumber($0["device"]) }
    }

    package func retireTokenPair(_ pair: TokenPairRecord, maximumCount: Int) throws {
        try deleteTokenPair(pair.number)
        guard let hash = pair.refreshTokenHash else { return }
        try execute(
            "INSERT OR IGNORE INTO retired_refresh_tokens (device, token_hash) VALUES (?, ?)",
            [pair.device.rawValue, hash.data])
        try execute(
            """
            DELETE FROM retired_refresh_tokens WHERE device = :device AND number <= (
                SELECT number FROM retired_refresh_tokens WHERE device = :device
                ORDER BY number DESC LIMIT 1 OFFSET :count)
            """, ["device": pair.device.rawValue, "count": maximumCount])
    }

    package func insertTokenPair(_ pair: TokenPairRecord) throws -> Int64 {
        try execute(
            """
            INSERT INTO token_pairs (device, access_token_hash, refresh_token_hash, expires_at, replaces)
            VALUES (?, ?, ?, ?, ?)
            """,
            [
                pair.device.rawValue, pair.accessTokenHash.data, pair.refreshTokenHash?.data, pair.expiresAt,
                pair.replaces,
            ])
        return db.lastInsertedRowID
    }

    package func deleteTokenPair(_ number: Int64) throws {
        try execute("DELETE FROM token_pairs WHERE pair = ?", [number])
    }

    package func deleteTokenPairs(of device: DeviceNumber) throws {
        try execute("DELETE FROM token_pairs WHERE device = ?", [device.rawValue])
    }

    // MARK: Profiles

    package func profile(of userID: UserID) throws -> [String: [UInt8]] {
        let rows = try rows("SELECT name, value FROM profile_fields WHERE user_id = ?", [userID.string])
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["name"], ($0["value"] as Data).bytes) })
    }

    package func setProfileField(_ name: String, to value: [UInt8]?, of userID: UserID) throws {
        if let value {
            try execute(
                "INSERT OR REPLACE INTO profile_fields (user_id, name, value) VALUES (?, ?, ?)",
                [userID.string, name, value.data])
        } else {
            try execute("DELETE FROM profile_fields WHERE user_id = ? AND name = ?", [userID.string, name])
        }
    }

    // MARK: Account data

    private func accountData(from row: Row) -> AccountDataRecord {
        AccountDataRecord(
            type: row["type"], content: (row["content"] as Data).bytes, position: row.position("position"))
    }

    package func accountData(_ type: String, of userID: UserID, room: RoomNumber?) throws -> AccountDataRecord? {
        try row(
            "SELECT * FROM account_data WHERE user_id = ? AND room = ? AND type = ?",
            [userID.string, room?.rawValue ?? 0, type]
        ).map(accountData(from:))
    }

    package func accountData(
        of userID: UserID, room: RoomNumber?, after: StreamPosition
    ) throws -> [AccountDataRecord] {
        try rows(
            "SELECT * FROM account_data WHERE user_id = ? AND room = ? AND position > ? ORDER BY position",
            [userID.string, room?.rawValue ?? 0, after.rawValue]
        ).map(accountData(from:))
    }

    package func accountDataOfRooms(
        _ type: String, of userID: UserID
    ) throws -> [(RoomNumber, AccountDataRecord)] {
        try rows("SELECT * FROM account_data WHERE user_id = ? AND room > 0 AND type = ?", [userID.string, type])
            .map { (RoomNumber($0["room"]), accountData(from: $0)) }
    }

    package func latestAccountDataPositions(of userID: UserID) throws -> [RoomNumber?: StreamPosition] {
        let rows = try rows(
            "SELECT room, max(position) AS position FROM account_data WHERE user_id = ? GROUP BY room",
            [userID.string])
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let room: Int64 = row["room"]
                return (room == 0 ? nil : RoomNumber(room), row.position("position"))
            })
    }

    package func setAccountData(
        _ type: String, of userID: UserID, room: RoomNumber?, content: [UInt8], at position: StreamPosition
    ) throws {
        try execute(
            "INSERT OR REPLACE INTO account_data (user_id, room, type, content, position) VALUES (?, ?, ?, ?, ?)",
            [userID.string, room?.rawValue ?? 0, type, content.data, position.rawValue])
    }

    package func deleteAccountData(_ type: String, of userID: UserID) throws {
        try execute("DELETE FROM account_data WHERE user_id = ? AND room = 0 AND type = ?", [userID.string, type])
    }

    // MARK: Filters

    package func filter(_ filterID: String, of userID: UserID) throws -> [UInt8]? {
        guard let number = Int64(filterID) else { return nil }
        let row = try row("SELECT json FROM filters WHERE user_id = ? AND filter = ?", [userID.string, number])
        return (row?["json"] as Data?)?.bytes
    }

    package func insertFilter(_ json: [UInt8], of userID: UserID, maximumCount: Int) throws -> String? {
        if let row = try row(
            "SELECT filter FROM filters WHERE user_id = ? AND json = ?", [userID.string, json.data])
        {
            return String(row["filter"] as Int64)
        }
        let row = try row(
            "SELECT count(*) AS count, coalesce(max(filter), -1) + 1 AS next FROM filters WHERE user_id = ?",
            [userID.string])
        guard let row, (row["count"] as Int) < maximumCount else { return nil }
        let number: Int64 = row["next"]
        try execute(
            "INSERT INTO filters (user_id, filter, json) VALUES (?, ?, ?)", [userID.string, number, json.data])
        return String(number)
    }
}
