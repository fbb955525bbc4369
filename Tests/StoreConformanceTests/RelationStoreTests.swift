import HomeserverStore
import MatrixIdentifiers
import Testing

@Suite struct RelationStoreTests {
    private func relate(
        _ child: Int64, to parent: Int64, _ type: String, in room: RoomNumber, sender: UserID = alice,
        eventType: String = "m.room.message", key: String? = nil, timestamp: Int64? = nil, isValid: Bool = true,
        _ store: any StoreWriter
    ) throws {
        try store.insertRelation(
            RelationRecord(
                child: at(child), parent: at(parent), room: room, type: type, eventType: eventType, sender: sender,
                key: key, originServerTimestamp: timestamp ?? child, isValid: isValid))
    }

    private func query(_ parent: Int64, type: String? = nil, limit: Int = 100) -> RelationQuery {
        RelationQuery(parent: at(parent), type: type, limit: limit)
    }

    @Test(arguments: Backend.all) func childrenAreFoundByTypeRangeAndDirection(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                for number in 1...9 { try store.addEvent(number, in: room) }
                try relate(2, to: 1, "m.thread", in: room, store)
                try relate(3, to: 1, "m.annotation", in: room, eventType: "m.reaction", key: "👍", store)
                try relate(4, to: 1, "m.thread", in: room, eventType: "m.sticker", store)
                try relate(5, to: 9, "m.thread", in: room, store)
                try relate(6, to: 1, "m.thread", in: room, isValid: false, store)
            }
            try await database.read { store throws in
                func children(_ change: (inout RelationQuery) -> Void) throws -> [Int64] {
                    var query = query(1)
                    change(&query)
                    return try store.relations(query).map(\.position.rawValue)
                }
                #expect(try children { _ in } == [6, 4, 3, 2])
                #expect(try children { $0.direction = .forward } == [2, 3, 4, 6])
                #expect(try children { $0.type = "m.thread" } == [6, 4, 2])
                #expect(try children { $0.onlyValid = true } == [4, 3, 2])
                #expect(try children { $0.eventType = "m.sticker" } == [4])
                #expect(
                    try children {
                        $0.type = "m.annotation"; $0.eventType = "m.sticker"
                    } == [])
                #expect(
                    try children {
                        $0.after = at(2); $0.before = at(6)
                    } == [4, 3])
                #expect(try children { $0.limit = 2 } == [6, 4])
                #expect(try children { $0.parent = at(8) } == [])
                #expect(try store.relationCount(of: at(1), type: "m.thread", upTo: at(9)) == 2)
                #expect(try store.relationCount(of: at(1), type: "m.thread", upTo: at(3)) == 1)
            }
        }
    }

    @Test(arguments: Backend.all) func indirectChildrenAreFoundToADepth(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                for child in 2...6 { try relate(Int64(child), to: Int64(child - 1), "m.a", in: room, store) }
                try relate(7, to: 2, "m.b", in: room, store)
                try relate(8, to: 7, "m.a", in: room, store)
            }
            try await database.read { store throws in
                func children(_ depth: Int, _ type: String? = nil) throws -> [Int64] {
                    var query = query(1, type: type)
                    query.depth = depth
                    return try store.relations(query).map(\.position.rawValue)
                }
                #expect(try children(1) == [2])
                #expect(try children(2) == [7, 3, 2])
                #expect(try children(3) == [8, 7, 4, 3, 2])
                // 8 matches, but is related through 7 alone, which does not.
                #expect(try children(3, "m.a") == [4, 3, 2])
            }
        }
    }

    @Test(arguments: Backend.all) func replacementsComeByTheirTime(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try relate(2, to: 1, "m.replace", in: room, timestamp: 50, store)
                try relate(3, to: 1, "m.replace", in: room, timestamp: 40, store)
                try relate(4, to: 1, "m.replace", in: room, timestamp: 90, isValid: false, store)
                try relate(5, to: 1, "m.replace", in: room, sender: bob, timestamp: 99, isValid: false, store)
                try relate(6, to: 1, "m.replace", in: room, timestamp: 70, store)
            }
            try await database.read { store throws in
                func replacements(upTo: Int64, limit: Int = 9) throws -> [Int64] {
                    try store.replacements(of: at(1), sender: alice, upTo: at(upTo), limit: limit)
                        .map(\.position.rawValue)
                }
                #expect(try replacements(upTo: 9) == [6, 2, 3])
                #expect(try replacements(upTo: 5) == [2, 3])
                #expect(try replacements(upTo: 9, limit: 1) == [6])
            }
        }
    }

    /// Rule 107.
    @Test(arguments: Backend.all) func annotationsAreComparedByBytes(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try relate(2, to: 1, "m.annotation", in: room, eventType: "m.reaction", key: "é\0x", store)
            }
            try await database.read { store throws in
                func has(_ key: String, _ sender: UserID = alice, _ type: String = "m.reaction") throws -> Bool {
                    try store.hasAnnotation(of: at(1), sender: sender, eventType: type, key: key)
                }
                #expect(try has("é\0x"))
                #expect(try !has("é\0y"))
                #expect(try !has("é"))
                #expect(try !has("e\u{301}\0x"))
                #expect(try !has("é\0x", bob))
                #expect(try !has("é\0x", alice, "m.other"))
            }
        }
    }

    /// Rules 32 and 109.
    @Test(arguments: Backend.all) func threadsFollowTheirLatestReply(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                let other = try store.insertRoom(roomID("b"), version: "12")
                for number in 1...3 { try store.addEvent(number, in: room) }
                try relate(4, to: 1, "m.thread", in: room, store)
                try relate(5, to: 2, "m.thread", in: room, store)
                try relate(6, to: 1, "m.thread", in: room, store)
                try relate(7, to: 3, "m.thread", in: other, store)
                return room
            }
            func threads(before: Int64 = .max, limit: Int = 9) async throws -> [ThreadRecord] {
                try await database.read { try $0.threads(in: room, before: at(before), limit: limit) }
            }
            let first = ThreadRecord(root: at(1), latestReply: at(6))
            let second = ThreadRecord(root: at(2), latestReply: at(5))
            #expect(try await threads() == [first, second])
            #expect(try await threads(limit: 1) == [first])
            #expect(try await threads(before: 6) == [second])
            #expect(try await database.read { try $0.event(at: at(1))?.hasAggregations } == true)
            #expect(try await database.read { try $0.event(at: at(3))?.hasAggregations } == true)
            try database.write { try $0.deleteRelation(of: at(6)) }
            #expect(try await threads() == [second, ThreadRecord(root: at(1), latestReply: at(4))])
            try database.write { try $0.deleteRelation(of: at(4)) }
            try database.write { try $0.deleteRelation(of: at(4)) }
            #expect(try await threads() == [second])
            let hasParticipated = try await database.read { store throws in
                (
                    try store.hasRelation(of: at(2), type: "m.thread", sender: alice, upTo: at(9)),
                    try store.hasRelation(of: at(2), type: "m.thread", sender: bob, upTo: at(9)),
                    try store.hasRelation(of: at(1), type: "m.thread", sender: alice, upTo: at(9))
                )
            }
            #expect(hasParticipated == (true, false, false))
        }
    }

    @Test(arguments: Backend.all) func onlyWhatIsAggregatedMarksItsParent(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let types = ["m.annotation", "org.example", "m.replace", "m.reference"]
            try database.write { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                for number in 1...types.count { try store.addEvent(number, in: room) }
                for (index, type) in types.enumerated() {
                    try relate(Int64(10 + index), to: Int64(index + 1), type, in: room, store)
                }
                try store.addEvent(5, in: room)
                try relate(20, to: 5, "m.replace", in: room, isValid: false, store)
            }
            let marked = try await database.read { store throws in
                try (1...5).map { try store.event(at: at(Int64($0)))?.hasAggregations }
            }
            #expect(marked == [false, false, true, true, false])
        }
    }

    @Test(arguments: Backend.all) func eventsInThreadsAreFoundApart(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let thread = ThreadMembership(root: eventID(1), hops: 2)
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                for number in 1...6 {
                    try store.insertEvent(
                        EventRecord(
                            position: at(Int64(number)), room: room, eventID: eventID(number), pdu: [], replaces: nil,
                            redactedBy: nil, originServerTimestamp: 7, thread: number % 2 == 0 ? thread : nil),
                        stateTuple: nil)
                }
                return room
            }
            try await database.read { store throws in
                let events = try store.threadedEvents(in: room, after: at(2), upTo: at(6), limit: 9)
                #expect(events.positions == [6, 4])
                #expect(events[0].thread == thread)
                #expect(events[0].originServerTimestamp == 7)
                #expect(try store.threadedEvents(in: room, after: .zero, upTo: at(6), limit: 1).positions == [6])
                #expect(try store.event(at: at(1))?.thread == nil)
            }
        }
    }

    /// Rule 33.
    @Test(arguments: Backend.all) func timesNeedNotFollowTheStream(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let stamps: [Int64] = [10, 20, 999, 20, 30]
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                let other = try store.insertRoom(roomID("b"), version: "12")
                for (index, stamp) in stamps.enumerated() {
                    try store.insertEvent(
                        EventRecord(
                            position: at(Int64(index + 1)), room: room, eventID: eventID(index + 1), pdu: [],
                            replaces: nil, redactedBy: nil, originServerTimestamp: stamp), stateTuple: nil)
                }
                try store.addEvent(9, in: other)
                return room
            }
            try await database.read { store throws in
                func times(
                    _ timestamp: Int64, _ position: Int64, _ direction: TimelineDirection, upTo: Int64 = 9
                ) throws -> [Int64] {
                    try store.times(
                        of: room, from: EventTime(position: at(position), originServerTimestamp: timestamp),
                        direction: direction, upTo: at(upTo), limit: 9
                    ).map(\.position.rawValue)
                }
                #expect(try times(20, -1, .forward) == [2, 4, 5, 3])
                #expect(try times(20, .max, .backward) == [4, 2, 1])
                #expect(try times(20, 2, .forward) == [4, 5, 3])
                #expect(try times(20, -1, .forward, upTo: 3) == [2, 3])
                #expect(try times(1_000, -1, .forward) == [])
            }
        }
    }
}
