import Foundation
import GRDB
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

extension SQLiteStore: RoomWriter {
    // MARK: Rooms

    func room(from row: Row) throws -> RoomRecord {
        RoomRecord(
            number: RoomNumber(row["room"]), roomID: try row.identifier("room_id", RoomID.self),
            version: row["version"], isListed: row["is_listed"])
    }

    package func room(_ roomID: RoomID) throws -> RoomRecord? {
        try row("SELECT * FROM rooms WHERE room_id = ?", [roomID.string]).map(room(from:))
    }

    package func room(_ number: RoomNumber) throws -> RoomRecord? {
        try row("SELECT * FROM rooms WHERE room = ?", [number.rawValue]).map(room(from:))
    }

    package func rooms() throws -> [RoomRecord] {
        try rows("SELECT * FROM rooms ORDER BY room").map(room(from:))
    }

    package func listedRooms() throws -> [RoomRecord] {
        try rows("SELECT * FROM rooms WHERE is_listed ORDER BY room").map(room(from:))
    }

    package func insertRoom(_ roomID: RoomID, version: String) throws -> RoomNumber {
        try execute("INSERT INTO rooms (room_id, version) VALUES (?, ?)", [roomID.string, version])
        return RoomNumber(db.lastInsertedRowID)
    }

    package func setListed(_ isListed: Bool, room: RoomNumber) throws {
        try execute("UPDATE rooms SET is_listed = ? WHERE room = ?", [isListed, room.rawValue])
    }

    // MARK: Memberships

    private static let selectMembership = """
        SELECT memberships.*, room_id,
               CASE WHEN membership IN ('leave', 'ban') THEN position ELSE
                   coalesce((SELECT max(position) FROM events WHERE events.room = memberships.room), 0)
               END AS latest_event,
               CASE WHEN membership IN ('leave', 'ban') THEN 0 ELSE
                   coalesce((SELECT max(position) FROM receipts WHERE receipts.room = memberships.room), 0)
               END AS latest_receipt
        FROM memberships JOIN rooms ON rooms.room = memberships.room
        WHERE user_id = ?
        """

    private func membership(from row: Row) throws -> MembershipRecord {
        guard let membership = Membership(rawValue: row["membership"]) else {
            throw CorruptRow(table: "memberships", column: "membership")
        }
        let latestEvent = row.position("latest_event")
        return MembershipRecord(
            room: RoomNumber(row["room"]), roomID: try row.identifier("room_id", RoomID.self),
            membership: membership, position: row.position("position"),
            latestEvent: latestEvent, latestChange: max(latestEvent, row.position("latest_receipt")),
            isForgotten: row["is_forgotten"])
    }

    package func memberships(of userID: UserID) throws -> [MembershipRecord] {
        try rows(Self.selectMembership, [userID.string]).map(membership(from:))
    }

    package func membership(of userID: UserID, in room: RoomNumber) throws -> MembershipRecord? {
        try row(Self.selectMembership + " AND memberships.room = ?", [userID.string, room.rawValue])
            .map(membership(from:))
    }

    package func setMembership(
        _ membership: Membership, of userID: UserID, in room: RoomNumber, at position: StreamPosition
    ) throws {
        try execute(
            """
            INSERT OR REPLACE INTO memberships (user_id, room, membership, position, is_forgotten)
            VALUES (?, ?, ?, ?, 0)
            """, [userID.string, room.rawValue, membership.rawValue, position.rawValue])
    }

    package func setForgotten(_ userID: UserID, room: RoomNumber) throws {
        try execute(
            "UPDATE memberships SET is_forgotten = 1 WHERE user_id = ? AND room = ?", [userID.string, room.rawValue])
    }

    // MARK: Aliases

    private func alias(from row: Row) throws -> AliasRecord {
        AliasRecord(
            alias: try row.identifier("alias", RoomAlias.self), room: RoomNumber(row["room"]),
            creator: try row.identifier("creator", UserID.self))
    }

    package func alias(_ alias: RoomAlias) throws -> AliasRecord? {
        try row("SELECT * FROM aliases WHERE alias = ?", [alias.string]).map(self.alias(from:))
    }

    package func aliases(of room: RoomNumber) throws -> [AliasRecord] {
        try rows("SELECT * FROM aliases WHERE room = ? ORDER BY alias", [room.rawValue]).map(alias(from:))
    }

    package func insertAlias(_ alias: AliasRecord) throws {
        try execute(
            "INSERT INTO aliases (alias, room, creator) VALUES (?, ?, ?)",
            [alias.alias.string, alias.room.rawValue, alias.creator.string])
    }

    package func deleteAlias(_ alias: RoomAlias) throws {
        try execute("DELETE FROM aliases WHERE alias = ?", [alias.string])
    }

    // MARK: Receipts

    package func receipts(in room: RoomNumber) throws -> [ReceiptRecord] {
        try rows("SELECT * FROM receipts WHERE room = ? ORDER BY position", [room.rawValue]).map(receipt(from:))
    }

    package func receipt(
        of userID: UserID, in room: RoomNumber, type: String, threadID: String?
    ) throws -> ReceiptRecord? {
        try row(
            "SELECT * FROM receipts WHERE room = ? AND user_id = ? AND type = ? AND thread_id = ?",
            [room.rawValue, userID.string, type, threadID ?? ""]
        ).map(receipt(from:))
    }

    private func receipt(from row: Row) throws -> ReceiptRecord {
        let threadID: String = row["thread_id"]
        return ReceiptRecord(
            userID: try row.identifier("user_id", UserID.self), type: row["type"],
            threadID: threadID.isEmpty ? nil : threadID, eventID: try EventID(hash: row["event_hash"]),
            eventPosition: row.position("event_position"), timestamp: row["timestamp"],
            position: row.position("position"))
    }

    package func setReceipt(_ receipt: ReceiptRecord, in room: RoomNumber) throws {
        guard let hash = receipt.eventID.hash else { throw CorruptRow(table: "receipts", column: "event_hash") }
        try execute(
            """
            INSERT OR REPLACE INTO receipts
                (room, user_id, type, thread_id, event_hash, event_position, timestamp, position)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                room.rawValue, receipt.userID.string, receipt.type, receipt.threadID ?? "", hash,
                receipt.eventPosition.rawValue, receipt.timestamp, receipt.position.rawValue,
            ])
    }
}
