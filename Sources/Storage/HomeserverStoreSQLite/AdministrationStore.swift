import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: AdministrationWriter {
    private func deletion(from row: Row) throws -> RoomDeletionRecord {
        guard let stage = RoomDeletionRecord.Stage(rawValue: row["stage"]) else {
            throw CorruptRow(table: "room_deletions", column: "stage")
        }
        return RoomDeletionRecord(
            room: RoomNumber(row["room"]), stage: stage, requestedAt: row["requested_at"],
            finishedAt: row["finished_at"], removedUserCount: row["removed_user_count"],
            purgedRowCount: row["purged_row_count"])
    }

    package func roomDeletion(_ room: RoomNumber) throws -> RoomDeletionRecord? {
        try row("SELECT * FROM room_deletions WHERE room = ?", [room.rawValue]).map(deletion(from:))
    }

    package func unfinishedRoomDeletions() throws -> [RoomDeletionRecord] {
        try rows("SELECT * FROM room_deletions WHERE finished_at IS NULL ORDER BY room").map(deletion(from:))
    }

    package func setRoomDeletion(_ deletion: RoomDeletionRecord) throws {
        try execute(
            "INSERT OR REPLACE INTO room_deletions VALUES (?, ?, ?, ?, ?, ?)",
            [
                deletion.room.rawValue, deletion.stage.rawValue, deletion.requestedAt, deletion.finishedAt,
                deletion.removedUserCount, deletion.purgedRowCount,
            ])
    }

    // MARK: Lists

    private static let selectSummary = """
        SELECT rooms.*, deletion.stage,
               (SELECT count(*) FROM memberships WHERE memberships.room = rooms.room AND membership = 'join') AS joined,
               (SELECT pdu FROM current_state JOIN events USING (position)
                WHERE current_state.room = rooms.room AND current_state.type = 'm.room.name'
                  AND current_state.state_key = '') AS name_pdu,
               coalesce((SELECT max(position) FROM events WHERE events.room = rooms.room), 0) AS latest
        FROM rooms LEFT JOIN room_deletions AS deletion ON deletion.room = rooms.room
        """

    private func summary(from row: Row) throws -> RoomSummaryRecord {
        RoomSummaryRecord(
            record: RoomRecord(
                number: RoomNumber(row["room"]), roomID: try row.identifier("room_id", RoomID.self),
                version: row["version"], isListed: row["is_listed"]),
            namePDU: (row["name_pdu"] as Data?)?.bytes, joinedCount: row["joined"],
            latestPosition: row.position("latest"),
            deletion: (row["stage"] as String?).flatMap { RoomDeletionRecord.Stage(rawValue: $0) })
    }

    package func roomSummaries(after room: RoomNumber?, limit: Int) throws -> [RoomSummaryRecord] {
        try rows(
            Self.selectSummary + " WHERE rooms.room > ? ORDER BY rooms.room LIMIT ?", [room?.rawValue ?? 0, limit]
        ).map(summary(from:))
    }

    package func roomSummary(_ room: RoomNumber) throws -> RoomSummaryRecord? {
        try row(Self.selectSummary + " WHERE rooms.room = ?", [room.rawValue]).map(summary(from:))
    }

    package func presentUsers(in room: RoomNumber, limit: Int) throws -> [UserID] {
        try rows(
            """
            SELECT user_id FROM memberships
            WHERE room = ? AND membership IN ('join', 'invite', 'knock') ORDER BY user_id LIMIT ?
            """, [room.rawValue, limit]
        ).map { try $0.identifier("user_id", UserID.self) }
    }

    package func isForgottenByAll(_ room: RoomNumber) throws -> Bool {
        try row(
            """
            SELECT 1 FROM memberships JOIN accounts USING (user_id)
            WHERE room = ? AND (membership IN ('join', 'invite', 'knock') OR NOT is_forgotten AND NOT is_deactivated)
            LIMIT 1
            """, [room.rawValue]) == nil
    }
}
