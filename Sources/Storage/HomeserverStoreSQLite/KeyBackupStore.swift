import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: KeyBackupWriter {
    // MARK: Versions

    private func keyBackup(from row: Row) -> KeyBackupRecord {
        KeyBackupRecord(
            version: row["version"], algorithm: row["algorithm"], authData: (row["auth_data"] as Data).bytes,
            etag: row["etag"], keyCount: row["key_count"])
    }

    package func keyBackup(_ version: Int64, of userID: UserID) throws -> KeyBackupRecord? {
        try row(
            "SELECT * FROM key_backups WHERE user_id = ? AND version = ? AND NOT is_deleted",
            [userID.string, version]
        ).map(keyBackup(from:))
    }

    package func latestKeyBackup(of userID: UserID) throws -> KeyBackupRecord? {
        try row(
            "SELECT * FROM key_backups WHERE user_id = ? AND NOT is_deleted ORDER BY version DESC LIMIT 1",
            [userID.string]
        ).map(keyBackup(from:))
    }

    package func keyBackupCount(of userID: UserID) throws -> Int {
        let row = try row(
            "SELECT count(*) AS count FROM key_backups WHERE user_id = ? AND NOT is_deleted", [userID.string])
        return row?["count"] ?? 0
    }

    package func highestKeyBackupVersion(of userID: UserID) throws -> Int64 {
        let row = try row(
            "SELECT coalesce(max(version), 0) AS version FROM key_backups WHERE user_id = ?", [userID.string])
        return row?["version"] ?? 0
    }

    package func setKeyBackup(_ backup: KeyBackupRecord, of userID: UserID) throws {
        try execute(
            """
            INSERT OR REPLACE INTO key_backups (user_id, version, algorithm, auth_data, etag, key_count)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                userID.string, backup.version, backup.algorithm, backup.authData.data, backup.etag, backup.keyCount,
            ])
        // A higher version than the deleted ones remembers them all.
        try execute(
            "DELETE FROM key_backups WHERE user_id = ? AND version < ? AND is_deleted",
            [userID.string, backup.version])
    }

    package func deleteKeyBackup(_ version: Int64, of userID: UserID) throws {
        try execute("DELETE FROM backed_up_keys WHERE user_id = ? AND version = ?", [userID.string, version])
        if try highestKeyBackupVersion(of: userID) == version {
            try execute(
                """
                UPDATE key_backups SET is_deleted = 1, auth_data = x'', key_count = 0
                WHERE user_id = ? AND version = ?
                """, [userID.string, version])
        } else {
            try execute("DELETE FROM key_backups WHERE user_id = ? AND version = ?", [userID.string, version])
        }
    }

    // MARK: Keys

    private func condition(
        _ selection: BackedUpKeySelection, version: Int64, of userID: UserID
    ) -> (sql: String, arguments: StatementArguments) {
        let sql = "user_id = ? AND version = ?"
        let arguments: StatementArguments = [userID.string, version]
        switch selection {
        case .all: return (sql, arguments)
        case .room(let roomID): return (sql + " AND room_id = ?", arguments + [roomID.string])
        case .session(let roomID, let sessionID):
            return (
                sql + " AND room_id = ? AND session_id = ?",
                arguments + [roomID.string, ByteExactString(sessionID).column]
            )
        }
    }

    package func backedUpKeys(
        _ selection: BackedUpKeySelection, version: Int64, of userID: UserID
    ) throws -> [BackedUpKey] {
        let (condition, arguments) = condition(selection, version: version, of: userID)
        return try rows(
            "SELECT * FROM backed_up_keys WHERE \(condition) ORDER BY room_id, session_id", arguments
        ).map { row in
            BackedUpKey(
                roomID: try row.identifier("room_id", RoomID.self), sessionID: row["session_id"],
                firstMessageIndex: row["first_message_index"], forwardedCount: row["forwarded_count"],
                isVerified: row["is_verified"], sessionData: (row["session_data"] as Data).bytes)
        }
    }

    package func setBackedUpKey(_ key: BackedUpKey, version: Int64, of userID: UserID) throws {
        try execute(
            """
            INSERT OR REPLACE INTO backed_up_keys
                (user_id, version, room_id, session_id, first_message_index, forwarded_count, is_verified,
                 session_data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                userID.string, version, key.roomID.string, key.sessionID, key.firstMessageIndex,
                key.forwardedCount, key.isVerified, key.sessionData.data,
            ])
    }

    package func deleteBackedUpKeys(
        _ selection: BackedUpKeySelection, version: Int64, of userID: UserID
    ) throws -> Int {
        let (condition, arguments) = condition(selection, version: version, of: userID)
        try execute("DELETE FROM backed_up_keys WHERE \(condition)", arguments)
        return db.changesCount
    }
}
