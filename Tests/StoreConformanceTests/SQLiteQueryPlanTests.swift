import GRDB
import HomeserverStore
import HomeserverStoreSQLite
import MatrixIdentifiers
import Testing

/// A slow query is caught by its plan: none of the hot ones reads a whole table.
@Suite struct SQLiteQueryPlanTests {
    /// The plans of the statements that `body` runs, a line for each step.
    private func plans(_ body: (SQLiteStore) throws -> Void) throws -> [(sql: String, steps: [String])] {
        let database = try DatabaseQueue()
        try Schema.migrator.migrate(database)
        return try database.write { db in
            var statements: [String] = []
            db.trace(options: .statement) { statements.append($0.expandedDescription) }
            try body(SQLiteStore(db: db))
            db.trace(options: [])
            return try statements.map { sql in
                (sql, try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String })
            }
        }
    }

    private func expectIndices(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: (SQLiteStore) throws -> Void
    ) throws {
        let plans = try plans(body)
        #expect(!plans.isEmpty, sourceLocation: sourceLocation)
        let tables = [
            "events", "memberships", "theirs", "mine", "receipts", "current_state", "token_pairs", "devices",
            "account_data", "transactions", "rooms", "aliases", "profile_fields", "relations", "threads", "pushers",
            "grants", "retired_refresh_tokens", "oauth_clients", "search_segments", "search_blocks", "directory_terms",
            "directory_entries",
        ]
        for (sql, steps) in plans {
            let scans = steps.filter { step in tables.contains { step.hasPrefix("SCAN \($0)") } }
            #expect(scans.isEmpty, "\(sql)\n\(steps.joined(separator: "\n"))", sourceLocation: sourceLocation)
        }
    }

    @Test func eventsAreNeverReadAsAWhole() throws {
        let room = RoomNumber(1)
        try expectIndices { store in
            _ = try store.event(eventID(1))
            _ = try store.event(at: at(1))
            _ = try store.latestEvent(in: room)
            _ = try store.currentState(of: room)
            _ = try store.state(of: room, at: at(5))
            _ = try store.stateHistory(of: room, tuple: StateTuple("m.room.name"))
            _ = try store.stateChanges(of: room, after: at(1), upTo: at(5))
            _ = try store.streamEntries(after: at(1), upTo: at(5), limit: 10)
            _ = try store.relationRecords(in: room, after: at(1), upTo: at(5))
            _ = try store.isForgottenByAll(room)
            _ = try store.transaction(TransactionKey(device: DeviceNumber(1), pathHash: [1]))
            for direction in [TimelineDirection.forward, .backward] {
                _ = try store.timeline(of: room, after: .zero, before: at(9), limit: 10, direction: direction)
            }
        }
    }

    @Test func timelinesNeedNoSorting() throws {
        let plans = try plans { store in
            _ = try store.timeline(of: RoomNumber(1), after: .zero, before: at(9), limit: 10, direction: .backward)
            _ = try store.timeline(of: RoomNumber(1), after: .zero, before: at(9), limit: 10, direction: .forward)
            _ = try store.latestEvent(in: RoomNumber(1))
        }
        for (sql, steps) in plans {
            #expect(steps.contains { $0.contains("events_by_room") }, "\(sql)")
            #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(sql)")
        }
    }

    @Test func relationsUseTheirIndices() throws {
        let room = RoomNumber(1)
        var query = RelationQuery(parent: at(1), type: "m.thread", limit: 10)
        try expectIndices { store in
            for type in ["m.thread", nil] {
                query.type = type
                for depth in [1, 3] {
                    query.depth = depth
                    _ = try store.relations(query)
                }
            }
            _ = try store.relationCount(of: at(1), type: "m.thread", upTo: at(9))
            _ = try store.hasRelation(of: at(1), type: "m.thread", sender: alice, upTo: at(9))
            _ = try store.replacements(of: at(1), sender: alice, upTo: at(9), limit: 10)
            _ = try store.hasAnnotation(of: at(1), sender: alice, eventType: "m.reaction", key: "👍")
            _ = try store.threads(in: room, before: at(9), limit: 10)
            _ = try store.threadedEvents(in: room, after: at(1), upTo: at(9), limit: 10)
            _ = try store.times(
                of: room, from: EventTime(position: at(1), originServerTimestamp: 1), direction: .forward,
                upTo: at(9), limit: 10)
            try store.deleteRelation(of: at(1))
        }
    }

    /// A page of children or of threads is read in the order of its index.
    @Test func pagesOfRelationsNeedNoSorting() throws {
        let plans = try plans { store in
            _ = try store.relations(RelationQuery(parent: at(1), limit: 10))
            _ = try store.relations(RelationQuery(parent: at(1), type: "m.thread", limit: 10))
            _ = try store.replacements(of: at(1), sender: alice, upTo: at(9), limit: 10)
            _ = try store.threads(in: RoomNumber(1), before: at(9), limit: 10)
        }
        for (sql, steps) in plans { #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(sql)") }
    }

    @Test func membershipsAndReceiptsUseTheirIndices() throws {
        let room = RoomNumber(1)
        try expectIndices { store in
            _ = try store.memberships(of: alice)
            _ = try store.membership(of: alice, in: room)
            _ = try store.receipts(in: room)
            _ = try store.receipt(of: alice, in: room, type: "m.read", threadID: nil)
            _ = try store.room(roomID("a"))
            _ = try store.room(room)
            _ = try store.aliases(of: room)
            _ = try store.alias(RoomAlias("#a:test")!)
        }
    }

    @Test func pushersUseTheirIndices() throws {
        let key = PusherKey(appID: "a", pushkey: "b")
        try expectIndices { store in
            _ = try store.pusher(PusherNumber(1))
            _ = try store.pushers(of: alice)
            _ = try store.deletePusher(key, of: alice)
            _ = try store.deletePushers(key, exceptOf: alice)
            _ = try store.eventPlaces(after: at(1), upTo: at(9), limit: 5)
            try store.setProgress(PusherProgress(), of: PusherNumber(1))
            try store.deleteDevice(DeviceNumber(1))
        }
    }

    @Test func searchesUseTheirIndices() throws {
        let room = RoomNumber(1)
        try expectIndices { store in
            _ = try store.searchSegments(of: room)
            _ = try store.searchDocuments(of: 1)
            _ = try store.searchBlocks(of: 1, terms: 5...9)
            try store.deleteSearchSegment(1)
            _ = try store.events(after: at(1), limit: 5)
            _ = try store.unredactedEvents(of: room, in: at(1)...at(9))
            _ = try store.directoryUsers(terms: 5...9, value: 1, mask: 1, limit: 5)
            try store.setDirectoryTerms([1], of: alice)
            _ = try store.joinedRooms(of: alice, limit: 5)
            _ = try store.joinedUsers(in: room, limit: 5)
            _ = try store.shareRoom(alice, bob)
            _ = try store.isPublic(room)
        }
    }

    @Test func whatEveryRequestNeedsUsesIndices() throws {
        let device = DeviceNumber(1)
        try expectIndices { store in
            _ = try store.tokenPair(accessTokenHash: [1])
            _ = try store.tokenPair(refreshTokenHash: [1])
            _ = try store.tokenPairs(of: device)
            _ = try store.device(device)
            _ = try store.device("A", of: alice)
            _ = try store.devices(of: alice)
            _ = try store.profile(of: alice)
            _ = try store.accountData("m.direct", of: alice, room: nil)
            _ = try store.accountData(of: alice, room: nil, after: .zero)
            _ = try store.accountDataOfRooms("m.tag", of: alice)
            _ = try store.latestAccountDataPositions(of: alice)
            _ = try store.device(retiredRefreshTokenHash: [1])
            _ = try store.grant(.openID, secretHash: [1])
            try store.deleteGrants(.openID, of: alice)
            try store.deleteDevice(device)
        }
    }

    @Test func encryptionUsesIndices() throws {
        let device = DeviceNumber(1)
        let tables = [
            "memberships", "mine", "theirs", "ours", "hers", "state", "changes", "device_list_changes", "one_time_keys",
            "claimed_keys", "fallback_keys", "key_signatures", "to_device_messages", "backed_up_keys", "key_backups",
        ]
        let plans = try plans { store in
            _ = try store.deviceListChanges(for: alice, after: at(1), upTo: at(5))
            _ = try store.roomsToldOfKeys(of: alice)
            _ = try store.deviceKeys(of: alice)
            _ = try store.oneTimeKeyCounts(of: device)
            _ = try store.takeOneTimeKey("a", of: device)
            _ = try store.wasClaimed(keyHash: [1], of: device)
            _ = try store.useFallbackKey("a", of: device)
            _ = try store.keySignatures(of: alice, seenBy: bob)
            try store.deleteKeySignatures(by: alice, keyID: "a")
            _ = try store.toDeviceMessages(for: device, after: at(1), upTo: at(5), limit: 100)
            _ = try store.toDeviceRange(of: device)
            try store.deleteToDeviceMessages(for: device, upTo: at(5))
            _ = try store.latestKeyBackup(of: alice)
            _ = try store.backedUpKeys(.session(roomID("a"), "s"), version: 1, of: alice)
        }
        for (sql, steps) in plans {
            let scans = steps.filter { step in tables.contains { step.hasPrefix("SCAN \($0)") } }
            #expect(scans.isEmpty, "\(sql)\n\(steps.joined(separator: "\n"))")
        }
    }
}
