import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: DeviceKeyWriter {
    // MARK: Identity keys

    package func deviceKeys(of device: DeviceNumber) throws -> [UInt8]? {
        let row = try row("SELECT json FROM device_keys WHERE device = ?", [device.rawValue])
        return (row?["json"] as Data?)?.bytes
    }

    package func deviceKeys(of userID: UserID) throws -> [DeviceKeysRecord] {
        try rows(
            """
            SELECT devices.device AS device, device_id, display_name, json
            FROM devices JOIN device_keys ON device_keys.device = devices.device
            WHERE user_id = ? ORDER BY devices.device
            """, [userID.string]
        ).map { row in
            DeviceKeysRecord(
                device: DeviceNumber(row["device"]), deviceID: row["device_id"], displayName: row["display_name"],
                json: (row["json"] as Data).bytes)
        }
    }

    package func setDeviceKeys(_ json: [UInt8], of device: DeviceNumber) throws {
        try execute(
            "INSERT OR REPLACE INTO device_keys (device, json) VALUES (?, ?)", [device.rawValue, json.data])
    }

    // MARK: One-time keys

    package func oneTimeKey(_ algorithm: String, _ keyID: String, of device: DeviceNumber) throws -> [UInt8]? {
        let row = try row(
            "SELECT json FROM one_time_keys WHERE device = ? AND algorithm = ? AND key_id = ?",
            [device.rawValue, ByteExactString(algorithm).column, ByteExactString(keyID).column])
        return (row?["json"] as Data?)?.bytes
    }

    package func oneTimeKeyCounts(of device: DeviceNumber) throws -> [String: Int] {
        let rows = try rows(
            "SELECT algorithm, count(*) AS count FROM one_time_keys WHERE device = ? GROUP BY algorithm",
            [device.rawValue])
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["algorithm"], $0["count"]) })
    }

    package func insertOneTimeKeys(_ keys: [PublishedKey], of device: DeviceNumber) throws {
        let latest = try row(
            "SELECT max(upload) AS upload FROM one_time_keys WHERE device = ?", [device.rawValue])
        let upload = (latest?["upload"] as Int64? ?? 0) + 1
        for key in keys {
            try execute(
                "INSERT INTO one_time_keys (device, algorithm, key_id, upload, json) VALUES (?, ?, ?, ?, ?)",
                [device.rawValue, key.algorithm, key.keyID, upload, key.json.data])
        }
    }

    package func takeOneTimeKey(_ algorithm: String, of device: DeviceNumber) throws -> PublishedKey? {
        let algorithm = ByteExactString(algorithm)
        let row = try row(
            """
            SELECT algorithm, key_id, json FROM one_time_keys INDEXED BY one_time_keys_by_upload
            WHERE device = ? AND algorithm = ? ORDER BY upload, key_id LIMIT 1
            """, [device.rawValue, algorithm.column])
        guard let row else { return nil }
        let key = publishedKey(from: row)
        try execute(
            "DELETE FROM one_time_keys WHERE device = ? AND algorithm = ? AND key_id = ?",
            [device.rawValue, algorithm.column, key.keyID])
        return key
    }

    private func publishedKey(from row: Row) -> PublishedKey {
        PublishedKey(algorithm: row["algorithm"], keyID: row["key_id"], json: (row["json"] as Data).bytes)
    }

    package func wasClaimed(keyHash: [UInt8], of device: DeviceNumber) throws -> Bool {
        try row(
            "SELECT 1 FROM claimed_keys WHERE device = ? AND key_hash = ?", [device.rawValue, keyHash.data]) != nil
    }

    package func insertClaimed(keyHash: [UInt8], of device: DeviceNumber, maximumCount: Int) throws {
        let latest = try row("SELECT max(number) AS number FROM claimed_keys WHERE device = ?", [device.rawValue])
        let number = (latest?["number"] as Int64? ?? 0) + 1
        try execute(
            "INSERT OR REPLACE INTO claimed_keys (device, key_hash, number) VALUES (?, ?, ?)",
            [device.rawValue, keyHash.data, number])
        try execute(
            "DELETE FROM claimed_keys WHERE device = ? AND number <= ?",
            [device.rawValue, number - Int64(maximumCount)])
    }

    // MARK: Fallback keys

    package func unusedFallbackKeyTypes(of device: DeviceNumber) throws -> [String] {
        try rows(
            "SELECT algorithm FROM fallback_keys WHERE device = ? AND NOT is_used ORDER BY algorithm",
            [device.rawValue]
        ).map { $0["algorithm"] }
    }

    package func setFallbackKey(_ key: PublishedKey, of device: DeviceNumber) throws {
        try execute(
            """
            INSERT INTO fallback_keys (device, algorithm, key_id, json) VALUES (?, ?, ?, ?)
            ON CONFLICT (device, algorithm) DO UPDATE SET
                is_used = is_used AND key_id = excluded.key_id AND json = excluded.json,
                key_id = excluded.key_id, json = excluded.json
            """, [device.rawValue, key.algorithm, key.keyID, key.json.data])
    }

    package func useFallbackKey(_ algorithm: String, of device: DeviceNumber) throws -> PublishedKey? {
        try row(
            """
            UPDATE fallback_keys SET is_used = 1 WHERE device = ? AND algorithm = ?
            RETURNING algorithm, key_id, json
            """, [device.rawValue, ByteExactString(algorithm).column]
        ).map(publishedKey(from:))
    }

    // MARK: Dehydrated devices

    package func dehydratedDevice(of userID: UserID) throws -> DehydratedDeviceRecord? {
        try row(
            """
            SELECT devices.device AS device, device_id, device_data
            FROM dehydrated_devices JOIN devices ON devices.device = dehydrated_devices.device
            WHERE dehydrated_devices.user_id = ?
            """, [userID.string]
        ).map { row in
            DehydratedDeviceRecord(
                device: DeviceNumber(row["device"]), deviceID: row["device_id"],
                data: (row["device_data"] as Data).bytes)
        }
    }

    package func setDehydratedDevice(_ device: DeviceNumber, of userID: UserID, data: [UInt8]) throws {
        try execute(
            "INSERT OR REPLACE INTO dehydrated_devices (user_id, device, device_data) VALUES (?, ?, ?)",
            [userID.string, device.rawValue, data.data])
    }
}
