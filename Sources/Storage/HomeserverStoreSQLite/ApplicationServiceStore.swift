import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: ApplicationServiceWriter {
    package func applicationServiceProgress(of service: String) throws -> ApplicationServiceProgress? {
        guard let row = try row("SELECT * FROM application_services WHERE id = ?", [service]) else { return nil }
        var progress = ApplicationServiceProgress(position: row.position("position"))
        if let id = row["transaction_id"] as String?, let body = row["transaction_body"] as Data? {
            progress.transaction = .init(id: id, body: body.bytes)
        }
        return progress
    }

    package func setApplicationServiceProgress(
        _ progress: ApplicationServiceProgress, of service: String
    ) throws {
        try execute(
            """
            INSERT INTO application_services (id, position, transaction_id, transaction_body) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET position = excluded.position, transaction_id = excluded.transaction_id,
                transaction_body = excluded.transaction_body
            """,
            [
                service, progress.position.rawValue, progress.transaction?.id,
                progress.transaction?.body.data,
            ])
    }

    package func streamEntries(
        after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [StreamEntry] {
        try rows(
            """
            SELECT position, room, CASE WHEN type = 'm.room.member' THEN state_key END AS member FROM events
            WHERE position > ? AND position <= ? ORDER BY position LIMIT ?
            """, [after.rawValue, upTo.rawValue, limit]
        ).map { row in
            StreamEntry(
                position: row.position("position"), room: RoomNumber(row["room"]),
                member: (row["member"] as String?).flatMap(UserID.init))
        }
    }

    // MARK: Users without a device

    package func numberWithoutDevice(of userID: UserID) throws -> DeviceNumber? {
        try row("SELECT number FROM users_without_device WHERE user_id = ?", [userID.string])
            .map { DeviceNumber(-($0["number"] as Int64)) }
    }

    package func makeNumberWithoutDevice(of userID: UserID) throws -> DeviceNumber {
        if let present = try numberWithoutDevice(of: userID) { return present }
        try execute("INSERT INTO users_without_device (user_id) VALUES (?)", [userID.string])
        return DeviceNumber(-db.lastInsertedRowID)
    }

    // MARK: Directories of networks

    package func networkRooms(service: String?, network: String?) throws -> [RoomNumber] {
        try rows(
            """
            SELECT DISTINCT room FROM network_rooms
            WHERE (?1 IS NULL OR service = ?1) AND (?2 IS NULL OR network = ?2) ORDER BY room
            """, [service, network]
        ).map { RoomNumber($0["room"]) }
    }

    package func setListed(
        _ isListed: Bool, room: RoomNumber, service: String, network: String, maximumCount: Int
    ) throws -> Bool {
        guard isListed else {
            try execute(
                "DELETE FROM network_rooms WHERE service = ? AND network = ? AND room = ?",
                [service, network, room.rawValue])
            return true
        }
        let count: Int? = try row("SELECT count(*) AS count FROM network_rooms WHERE service = ?", [service])?["count"]
        guard let count, count < maximumCount else { return false }
        try execute(
            "INSERT OR IGNORE INTO network_rooms (service, network, room) VALUES (?, ?, ?)",
            [service, network, room.rawValue])
        return true
    }
}
