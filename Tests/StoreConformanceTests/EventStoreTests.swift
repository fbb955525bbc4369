import HomeserverStore
import MatrixIdentifiers
import Testing

@Suite struct EventStoreTests {
    @Test(arguments: Backend.all) func eventsAreFoundByIDAndByPosition(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (room, record) = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try store.addEvent(1, in: room, state: StateTuple("m.room.name"))
                let record = EventRecord(
                    position: at(5), room: room, eventID: eventID(5), pdu: [0, 255, 10, 0], replaces: at(1),
                    redactedBy: nil)
                try store.insertEvent(record, stateTuple: StateTuple("m.room.name"))
                return (room, record)
            }
            try await database.read { store throws in
                #expect(try store.event(eventID(5)) == record)
                #expect(try store.event(at: at(5)) == record)
                #expect(try store.event(eventID(6)) == nil)
                #expect(try store.event(EventID("$short")!) == nil)
                #expect(try store.event(at: at(6)) == nil)
                #expect(try store.latestEvent(in: room) == record)
                #expect(try store.latestEvent(in: RoomNumber(99)) == nil)
            }
        }
    }

    @Test(arguments: Backend.all) func anEventStandsOnceOnly(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try store.addEvent(1, in: room)
                return room
            }
            #expect(throws: (any Error).self) { try database.write { try $0.addEvent(1, in: room) } }
            #expect(throws: (any Error).self) {
                try database.write { store throws in
                    try store.insertEvent(
                        EventRecord(
                            position: at(2), room: room, eventID: eventID(1), pdu: [], replaces: nil, redactedBy: nil),
                        stateTuple: nil)
                }
            }
            try await database.read { store throws in #expect(try store.latestEvent(in: room)?.position == at(1)) }
        }
    }

    @Test(arguments: Backend.all) func timelinesExcludeBothEnds(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let (room, other) = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                let other = try store.insertRoom(roomID("b"), version: "12")
                for number in 1...20 { try store.addEvent(number, in: number % 2 == 0 ? room : other) }
                return (room, other)
            }
            func timeline(_ after: Int64, _ before: Int64, _ limit: Int, _ direction: TimelineDirection) async throws
                -> [Int64]
            {
                try await database.read { store throws in
                    try store.timeline(
                        of: room, after: at(after), before: at(before), limit: limit, direction: direction
                    ).positions
                }
            }
            #expect(try await timeline(4, 12, 10, .forward) == [6, 8, 10])
            #expect(try await timeline(4, 12, 10, .backward) == [10, 8, 6])
            #expect(try await timeline(5, 11, 10, .forward) == [6, 8, 10])
            #expect(try await timeline(0, .max, 3, .forward) == [2, 4, 6])
            #expect(try await timeline(0, .max, 3, .backward) == [20, 18, 16])
            #expect(try await timeline(6, 8, 3, .backward) == [])
            #expect(try await timeline(12, 4, 3, .forward) == [])
            #expect(try await timeline(0, .max, 0, .forward) == [])
            try await database.read { store throws in
                let timeline = try store.timeline(
                    of: other, after: .zero, before: at(6), limit: 9, direction: .forward)
                #expect(timeline.positions == [1, 3, 5])
            }
        }
    }

    @Test(arguments: Backend.all) func redactionTakesTheContentAway(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                try store.addEvent(1, in: room, state: StateTuple("m.room.topic"))
                try store.addEvent(2, in: room)
                try store.redactEvent(at: at(1), by: at(2), redactedPDU: Array("less".utf8))
                return room
            }
            try await database.read { store throws in
                let event = try #require(try store.event(eventID(1)))
                #expect(event.pdu == Array("less".utf8))
                #expect(event.redactedBy == at(2))
                #expect(try store.event(at: at(2))?.redactedBy == nil)
                // Redacted state stays the state.
                #expect(try store.currentState(of: room) == [event])
                #expect(try store.stateHistory(of: room, tuple: StateTuple("m.room.topic")) == [event])
            }
        }
    }

    /// Rule 23.
    @Test(arguments: Backend.all) func transactionsBelongToADevice(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let key = try database.writing { store throws in
                try store.addAccount(alice)
                let device = try store.upsertDevice("A", of: alice, displayName: nil)
                let key = TransactionKey(device: device, pathHash: Array(0..<16))
                try store.insertTransaction(key, event: at(7))
                return key
            }
            try await database.read { store throws in
                #expect(try store.transaction(key) == at(7))
                #expect(try store.transaction(TransactionKey(device: key.device, pathHash: Array(1..<17))) == nil)
                let other = DeviceNumber(key.device.rawValue + 1)
                #expect(try store.transaction(TransactionKey(device: other, pathHash: key.pathHash)) == nil)
            }
            #expect(throws: (any Error).self) { try database.write { try $0.insertTransaction(key, event: at(8)) } }
            try await database.read { store throws in #expect(try store.transaction(key) == at(7)) }
        }
    }
}
