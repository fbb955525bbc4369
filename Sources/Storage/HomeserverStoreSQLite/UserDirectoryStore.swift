import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore: UserDirectoryWriter {
    package func directoryFormatVersion() throws -> Int64 { try serverState("directory_format") }

    package func directoryChanges(limit: Int) throws -> [UserID] {
        try rows("SELECT user_id FROM directory_changes LIMIT ?", [limit])
            .map { try $0.identifier("user_id", UserID.self) }
    }

    package func directoryUsers(
        terms: ClosedRange<UInt32>, value: UInt32, mask: UInt32, limit: Int
    ) throws -> [UserID] {
        try rows(
            """
            SELECT DISTINCT user_id FROM directory_terms
            JOIN directory_entries ON directory_entries.entry = directory_terms.entry
            WHERE term BETWEEN ? AND ? AND term & ? = ? LIMIT ?
            """,
            [Int64(terms.lowerBound), Int64(terms.upperBound), Int64(mask), Int64(value), limit]
        ).map { try $0.identifier("user_id", UserID.self) }
    }

    package func setDirectoryTerms(_ terms: [UInt32], of userID: UserID) throws {
        try execute("DELETE FROM directory_changes WHERE user_id = ?", [userID.string])
        if let former = try row("SELECT entry, terms FROM directory_entries WHERE user_id = ?", [userID.string]) {
            let entry: Int64 = former["entry"]
            for term in Self.terms(of: (former["terms"] as Data).bytes) {
                try execute("DELETE FROM directory_terms WHERE term = ? AND entry = ?", [Int64(term), entry])
            }
            try execute("DELETE FROM directory_entries WHERE entry = ?", [entry])
        }
        guard !terms.isEmpty else { return }
        try execute(
            "INSERT INTO directory_entries (user_id, terms) VALUES (?, ?)",
            [userID.string, terms.flatMap { term in (0..<4).map { UInt8(term >> ($0 * 8) & 0xFF) } }.data])
        let entry = db.lastInsertedRowID
        for term in terms {
            try execute("INSERT OR IGNORE INTO directory_terms (term, entry) VALUES (?, ?)", [Int64(term), entry])
        }
    }

    private static func terms(of bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count - 3, by: 4).map { index in
            (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32($1 * 8) }
        }
    }

    package func resetDirectory(formatVersion: Int64) throws {
        try execute("DELETE FROM directory_terms")
        try execute("DELETE FROM directory_entries")
        try execute("INSERT OR IGNORE INTO directory_changes SELECT user_id FROM accounts")
        try setServerState("directory_format", to: formatVersion)
    }

    // MARK: Who may see whom

    package func joinedRooms(of userID: UserID, limit: Int) throws -> [RoomNumber] {
        try rows(
            "SELECT room FROM memberships WHERE user_id = ? AND membership = 'join' ORDER BY position DESC LIMIT ?",
            [userID.string, limit]
        ).map { RoomNumber($0["room"]) }
    }

    package func joinedUsers(in room: RoomNumber, limit: Int) throws -> [UserID] {
        try rows(
            "SELECT user_id FROM memberships WHERE room = ? AND membership = 'join' LIMIT ?", [room.rawValue, limit]
        ).map { try $0.identifier("user_id", UserID.self) }
    }

    package func shareRoom(_ first: UserID, _ second: UserID) throws -> Bool {
        try row(
            """
            SELECT 1 FROM memberships AS mine
            JOIN memberships AS theirs ON theirs.user_id = ? AND theirs.room = mine.room AND theirs.membership = 'join'
            WHERE mine.user_id = ? AND mine.membership = 'join' LIMIT 1
            """, [second.string, first.string]) != nil
    }

    package func isPublic(_ room: RoomNumber) throws -> Bool {
        let row = try row(
            """
            SELECT is_listed OR EXISTS (
                SELECT 1 FROM current_state JOIN events ON events.position = current_state.position
                WHERE current_state.room = rooms.room
                  AND current_state.type IN ('m.room.join_rules', 'm.room.history_visibility')
                  AND current_state.state_key = ''
                  AND (json_extract(CAST(pdu AS TEXT), '$.content.join_rule') = 'public'
                       OR json_extract(CAST(pdu AS TEXT), '$.content.history_visibility') = 'world_readable')
            ) AS is_public
            FROM rooms WHERE room = ?
            """, [room.rawValue])
        return row?["is_public"] ?? false
    }
}
