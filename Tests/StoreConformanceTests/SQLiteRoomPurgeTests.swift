import GRDB
import HomeserverStore
import HomeserverStoreSQLite
import MatrixEvents
import MatrixIdentifiers
import Testing

/// A room that is purged is gone from every table that says something of it, and no other room is.
@Suite struct SQLiteRoomPurgeTests {
    /// Tables that hold something of a room after ``fill(_:_:)``; which of them a purge leaves alone.
    private static let kept = ["rooms", "memberships", "current_state", "events"]

    /// Ten messages from `first` on, with all that may be kept of them.
    private func fill(_ store: SQLiteStore, _ name: String, from first: Int) throws -> RoomNumber {
        let room = try store.insertRoom(roomID(name), version: "12")
        try store.addEvent(first, in: room, state: StateTuple(EventType.roomCreate))
        try store.addEvent(first + 1, in: room, state: StateTuple(EventType.roomMember, alice.string))
        try store.setMembership(.leave, of: alice, in: room, at: at(Int64(first + 1)))
        try store.addEvent(first + 2, in: room, state: StateTuple("m.room.name"))
        let parent = at(Int64(first + 3))
        for number in (first + 3)..<(first + 13) {
            try store.addEvent(number, in: room)
            try store.insertRedactedOriginal([1], at: at(Int64(number)), eraseAt: 100)
            guard number > first + 3 else { continue }
            try store.insertRelation(
                RelationRecord(
                    child: at(Int64(number)), parent: parent, room: room, type: RelationType.thread,
                    eventType: "m.room.message", sender: alice, key: nil, originServerTimestamp: 1, isValid: true))
        }
        for _ in 0..<3 {
            let range = parent...at(Int64(first + 12))
            try store.insertSearchSegment(
                SearchSegmentRecord(number: 0, room: room, range: range, count: 9), documents: [1],
                blocks: [SearchBlockRecord(firstTerm: 1, bytes: [1]), SearchBlockRecord(firstTerm: .max, bytes: [2])])
        }
        try store.insertAlias(AliasRecord(alias: RoomAlias("#\(name):test")!, room: room, creator: alice))
        try store.setAccountData("m.tag", of: alice, room: room, content: [1], at: at(Int64(first + 12)))
        _ = try store.setListed(true, room: room, service: "irc", network: "libera", maximumCount: 9)
        return room
    }

    private func counts(_ db: Database) throws -> [String: Int] {
        let tables = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return try Dictionary(
            uniqueKeysWithValues: tables.map { ($0, try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0) })
    }

    /// - Parameter limit: of one step; the small one ends within every table.
    @Test(arguments: [1, 4, 1_000]) func nothingOfARoomStays(limit: Int) throws {
        let database = try DatabaseQueue()
        try Schema.migrator.migrate(database)
        try database.write { db in
            let store = SQLiteStore(db: db)
            try store.addAccount(alice)
            _ = try fill(store, "kept", from: 100)
            let alone = try counts(db)
            let room = try fill(store, "gone", from: 1)
            let both = try counts(db)
            for table in ["relations", "redacted_originals", "threads", "search_segments", "search_blocks"] {
                #expect(both[table, default: 0] > alone[table, default: 0], "the test fills \(table)")
            }
            var steps = 0
            while try store.purgeRows(of: room, limit: limit) > 0, steps < 1_000 { steps += 1 }
            let after = try counts(db)
            for table in after.keys where !Self.kept.contains(table) {
                #expect(after[table] == alone[table], "\(table)")
            }
            // Who was there remains, and how the room began.
            #expect(try store.currentState(of: room).positions == [1, 2])
            #expect(try store.memberships(of: alice).count == 2)
            #expect(after["events"] == (alone["events"] ?? 0) + 2)
        }
    }
}
