import Foundation
import GRDB
import HomeserverStore
import MatrixIdentifiers

extension SQLiteStore {
    func serverState(_ name: String) throws -> Int64 {
        try row("SELECT value FROM server_state WHERE name = ?", [name])?["value"] ?? 0
    }

    func setServerState(_ name: String, to value: Int64) throws {
        try execute("INSERT OR REPLACE INTO server_state (name, value) VALUES (?, ?)", [name, value])
    }
}

extension SQLiteStore: SearchWriter {
    package func searchProgress() throws -> SearchProgress {
        SearchProgress(
            formatVersion: try serverState("search_format"),
            position: StreamPosition(try serverState("search_position")))
    }

    package func setSearchProgress(_ progress: SearchProgress) throws {
        try setServerState("search_format", to: progress.formatVersion)
        try setServerState("search_position", to: progress.position.rawValue)
    }

    // MARK: Segments

    private func segment(from row: Row) throws -> SearchSegmentRecord {
        let (first, last) = (row.position("first"), row.position("last"))
        guard first <= last else { throw CorruptRow(table: "search_segments", column: "last") }
        return SearchSegmentRecord(
            number: row["segment"], room: RoomNumber(row["room"]), range: first...last, count: row["count"])
    }

    package func searchSegments(of room: RoomNumber) throws -> [SearchSegmentRecord] {
        try rows(
            "SELECT segment, room, first, last, count FROM search_segments WHERE room = ? ORDER BY last",
            [room.rawValue]
        ).map(segment(from:))
    }

    package func searchSegments(after number: Int64, limit: Int) throws -> [SearchSegmentRecord] {
        try rows(
            """
            SELECT segment, room, first, last, count FROM search_segments WHERE segment > ? ORDER BY segment LIMIT ?
            """, [number, limit]
        ).map(segment(from:))
    }

    package func searchDocuments(of segment: Int64) throws -> [UInt8] {
        let row = try row("SELECT documents FROM search_segments WHERE segment = ?", [segment])
        return (row?["documents"] as Data?)?.bytes ?? []
    }

    package func insertSearchSegment(
        _ segment: SearchSegmentRecord, documents: [UInt8], blocks: [SearchBlockRecord]
    ) throws {
        try execute(
            "INSERT INTO search_segments (room, first, last, count, documents) VALUES (?, ?, ?, ?, ?)",
            [
                segment.room.rawValue, segment.range.lowerBound.rawValue, segment.range.upperBound.rawValue,
                segment.count, documents.data,
            ])
        let number = db.lastInsertedRowID
        for block in blocks {
            try execute(
                "INSERT INTO search_blocks (block, postings) VALUES (?, ?)",
                [Self.block(number, block.firstTerm), block.bytes.data])
        }
    }

    package func deleteSearchSegment(_ number: Int64) throws {
        try execute("DELETE FROM search_segments WHERE segment = ?", [number])
        try execute(
            "DELETE FROM search_blocks WHERE block BETWEEN ? AND ?",
            [Self.block(number, 0), Self.block(number, .max)])
    }

    package func clearSearch() throws {
        try execute("DELETE FROM search_segments")
        try execute("DELETE FROM search_blocks")
    }

    // MARK: Blocks

    private static func block(_ segment: Int64, _ term: UInt32) -> Int64 { segment << 32 | Int64(term) }

    package func searchBlocks(of segment: Int64, terms: ClosedRange<UInt32>) throws -> [SearchBlockRecord] {
        // The block that begins at the first term or before it may hold it.
        try rows(
            """
            SELECT block, postings FROM search_blocks
            WHERE block BETWEEN coalesce(
                (SELECT block FROM search_blocks WHERE block BETWEEN ? AND ? ORDER BY block DESC LIMIT 1), ?) AND ?
            ORDER BY block
            """,
            [
                Self.block(segment, 0), Self.block(segment, terms.lowerBound), Self.block(segment, terms.lowerBound),
                Self.block(segment, terms.upperBound),
            ]
        ).map { row in
            SearchBlockRecord(
                firstTerm: UInt32(truncatingIfNeeded: row["block"] as Int64), bytes: (row["postings"] as Data).bytes)
        }
    }

    // MARK: What is indexed

    package func unredactedEvents(
        of room: RoomNumber, in range: ClosedRange<StreamPosition>
    ) throws -> [StreamPosition] {
        try rows(
            """
            SELECT position FROM events
            WHERE room = ? AND position BETWEEN ? AND ? AND redacted_by IS NULL ORDER BY position
            """, [room.rawValue, range.lowerBound.rawValue, range.upperBound.rawValue]
        ).map { $0.position("position") }
    }
}
