import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: PusherWriter {
    private func pusher(from row: Row) throws -> PusherRecord {
        PusherRecord(
            number: PusherNumber(row["pusher"]), userID: try row.identifier("user_id", UserID.self),
            device: DeviceNumber(row["device"]),
            settings: PusherSettings(
                key: PusherKey(appID: row["app_id"], pushkey: row["pushkey"]), kind: row["kind"],
                appDisplayName: row["app_display_name"], deviceDisplayName: row["device_display_name"],
                profileTag: row["profile_tag"], lang: row["lang"], data: (row["data"] as Data).bytes),
            pushkeyTimestamp: row["pushkey_at"], start: row.position("start"),
            progress: PusherProgress(behind: row.optionalPosition("behind"), badge: row["badge"]))
    }

    package func pushers() throws -> [PusherRecord] {
        try rows("SELECT * FROM pushers ORDER BY pusher").map(pusher(from:))
    }

    package func pushers(of userID: UserID) throws -> [PusherRecord] {
        try rows("SELECT * FROM pushers WHERE user_id = ? ORDER BY pusher", [userID.string]).map(pusher(from:))
    }

    package func pusher(_ number: PusherNumber) throws -> PusherRecord? {
        try row("SELECT * FROM pushers WHERE pusher = ?", [number.rawValue]).map(pusher(from:))
    }

    package func pushPosition() throws -> StreamPosition? {
        try row("SELECT value FROM server_state WHERE name = 'push_position'")?.position("value")
    }

    package func eventPlaces(
        after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [(position: StreamPosition, room: RoomNumber)] {
        try rows(
            "SELECT position, room FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?",
            [after.rawValue, upTo.rawValue, limit]
        ).map { ($0.position("position"), RoomNumber($0["room"])) }
    }

    package func setPusher(
        _ settings: PusherSettings, of userID: UserID, device: DeviceNumber, pushkeyTimestamp: Int64,
        start: StreamPosition
    ) throws -> PusherNumber {
        let row = try row(
            """
            INSERT INTO pushers (user_id, device, app_id, pushkey, kind, app_display_name, device_display_name,
                profile_tag, lang, data, pushkey_at, start)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app_id, pushkey, user_id) DO UPDATE SET device = excluded.device, kind = excluded.kind,
                app_display_name = excluded.app_display_name, device_display_name = excluded.device_display_name,
                profile_tag = excluded.profile_tag, lang = excluded.lang, data = excluded.data,
                pushkey_at = excluded.pushkey_at
            RETURNING pusher
            """,
            [
                userID.string, device.rawValue, settings.key.appID.string, settings.key.pushkey.string, settings.kind,
                settings.appDisplayName, settings.deviceDisplayName, settings.profileTag, settings.lang,
                settings.data.data, pushkeyTimestamp, start.rawValue,
            ])
        guard let row else { throw CorruptRow(table: "pushers", column: "pusher") }
        return PusherNumber(row["pusher"])
    }

    package func deletePusher(_ number: PusherNumber) throws {
        try execute("DELETE FROM pushers WHERE pusher = ?", [number.rawValue])
    }

    package func deletePusher(_ key: PusherKey, of userID: UserID) throws -> [PusherNumber] {
        try rows(
            "DELETE FROM pushers WHERE app_id = ? AND pushkey = ? AND user_id = ? RETURNING pusher",
            [key.appID.string, key.pushkey.string, userID.string]
        ).map { PusherNumber($0["pusher"]) }
    }

    package func deletePushers(_ key: PusherKey, exceptOf userID: UserID) throws -> [PusherNumber] {
        try rows(
            "DELETE FROM pushers WHERE app_id = ? AND pushkey = ? AND user_id <> ? RETURNING pusher",
            [key.appID.string, key.pushkey.string, userID.string]
        ).map { PusherNumber($0["pusher"]) }
    }

    package func setProgress(_ progress: PusherProgress, of pusher: PusherNumber) throws {
        try execute(
            "UPDATE pushers SET behind = ?, badge = ? WHERE pusher = ?",
            [progress.behind?.rawValue, progress.badge, pusher.rawValue])
    }

    package func setPushPosition(_ position: StreamPosition) throws {
        try execute(
            "INSERT OR REPLACE INTO server_state (name, value) VALUES ('push_position', ?)", [position.rawValue])
    }
}
