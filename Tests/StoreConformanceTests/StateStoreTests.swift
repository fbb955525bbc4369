import HomeserverStore
import MatrixIdentifiers
import Testing

@Suite struct StateStoreTests {
    private static let name = StateTuple("m.room.name")
    private static let topic = StateTuple("m.room.topic")

    /// Name at 1, 4 and 6, topic at 2 and 8, messages at 3, 5, 7 and 9; beside it another room.
    private func withHistory(
        _ backend: Backend, _ body: (any HomeserverDatabase, RoomNumber) async throws -> Void
    ) async throws {
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                for number in 1...9 {
                    let state: StateTuple? =
                        [1, 4, 6].contains(number) ? Self.name : [2, 8].contains(number) ? Self.topic : nil
                    try store.addEvent(number, in: room, state: state)
                }
                let other = try store.insertRoom(roomID("b"), version: "12")
                for number in 10...13 { try store.addEvent(number, in: other, state: Self.name) }
                return room
            }
            try await body(database, room)
        }
    }

    @Test(arguments: Backend.all) func theCurrentStateIsTheLatest(_ backend: Backend) async throws {
        try await withHistory(backend) { database, room throws in
            try await database.read { store throws in
                #expect(try store.currentState(of: room).positions == [6, 8])
                #expect(try store.currentState(of: RoomNumber(99)).isEmpty)
            }
        }
    }

    @Test(arguments: Backend.all) func theStateAtAPositionIncludesIt(_ backend: Backend) async throws {
        try await withHistory(backend) { database, room throws in
            let expected: [Int64: [Int64]] = [
                0: [], 1: [1], 2: [1, 2], 3: [1, 2], 4: [2, 4], 5: [2, 4], 6: [2, 6], 7: [2, 6], 8: [6, 8], 9: [6, 8],
                100: [6, 8],
            ]
            for (position, state) in expected {
                let found = try await database.read { try $0.state(of: room, at: at(position)).positions }
                #expect(found == state, "at \(position)")
            }
        }
    }

    @Test(arguments: Backend.all) func stateChangesExcludeTheBeginningAndIncludeTheEnd(
        _ backend: Backend
    ) async throws {
        try await withHistory(backend) { database, room throws in
            func changes(_ after: Int64, _ upTo: Int64) async throws -> [Int64] {
                try await database.read { try $0.stateChanges(of: room, after: at(after), upTo: at(upTo)).positions }
            }
            #expect(try await changes(0, 100) == [6, 8])
            #expect(try await changes(1, 4) == [2, 4])
            #expect(try await changes(1, 3) == [2])
            #expect(try await changes(4, 6) == [6])
            #expect(try await changes(6, 7) == [])
            #expect(try await changes(6, 8) == [8])
            #expect(try await changes(8, 2) == [])
        }
    }

    @Test(arguments: Backend.all) func theHistoryOfAStateIsInOrder(_ backend: Backend) async throws {
        try await withHistory(backend) { database, room throws in
            try await database.read { store throws in
                #expect(try store.stateHistory(of: room, tuple: Self.name).positions == [1, 4, 6])
                #expect(try store.stateHistory(of: room, tuple: Self.topic).positions == [2, 8])
                #expect(try store.stateHistory(of: room, tuple: StateTuple("m.room.name", "x")).isEmpty)
            }
        }
    }

    /// `é` as one character and as two are equal to `String`, and two state keys to Matrix.
    @Test(arguments: Backend.all) func canonicallyEquivalentStateKeysAreTwo(_ backend: Backend) async throws {
        let composed = StateTuple("x.caf\u{E9}", "\u{E9}")
        let decomposed = StateTuple("x.caf\u{E9}", "e\u{301}")
        let otherType = StateTuple("x.cafe\u{301}", "\u{E9}")
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                for (index, tuple) in [composed, decomposed, otherType].enumerated() {
                    try store.addEvent(index + 1, in: room, state: tuple)
                }
                return room
            }
            try await database.read { store throws in
                #expect(try store.currentState(of: room).positions == [1, 2, 3])
                #expect(try store.state(of: room, at: at(3)).positions == [1, 2, 3])
                #expect(try store.stateChanges(of: room, after: .zero, upTo: at(3)).positions == [1, 2, 3])
                #expect(try store.stateHistory(of: room, tuple: composed).positions == [1])
                #expect(try store.stateHistory(of: room, tuple: decomposed).positions == [2])
                #expect(try store.stateHistory(of: room, tuple: otherType).positions == [3])
            }
        }
    }

    /// State keys and types of any characters: quotes, NUL, empty, other planes.
    @Test(arguments: Backend.all) func anyTextIsAStateKey(_ backend: Backend) async throws {
        let keys = ["", "'", "\"; DROP TABLE events; --", "a\u{0}b", "a", "👩‍👩‍👧", "%", "\u{FFFD}"]
        try await backend.withDatabase { database throws in
            let room = try database.writing { store throws in
                let room = try store.insertRoom(roomID("a"), version: "12")
                for (index, key) in keys.enumerated() {
                    try store.addEvent(index + 1, in: room, state: StateTuple("t", key))
                }
                return room
            }
            try await database.read { store throws in
                #expect(try store.currentState(of: room).count == keys.count)
                for (index, key) in keys.enumerated() {
                    #expect(
                        try store.stateHistory(of: room, tuple: StateTuple("t", key)).positions == [Int64(index + 1)],
                        "\(key.debugDescription)")
                }
            }
        }
    }
}
