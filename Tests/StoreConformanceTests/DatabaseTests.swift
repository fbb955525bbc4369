import HomeserverStore
import MatrixIdentifiers
import Testing

@Suite struct DatabaseTests {
    private struct Failure: Error {}

    @Test(arguments: Backend.all) func thePositionIsZeroAtFirst(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            #expect(try await database.read { try $0.streamPosition() } == .zero)
            try database.write { try $0.setStreamPosition(at(1 << 52)) }
            #expect(try await database.read { try $0.streamPosition() } == at(1 << 52))
        }
    }

    @Test(arguments: Backend.all) func whatThrowsLeavesNothingBehind(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            #expect(throws: Failure.self) {
                try database.write { store throws in
                    try store.addAccount(alice)
                    throw Failure()
                }
            }
            try await database.read { store throws in #expect(try store.account(alice) == nil) }
        }
    }

    @Test(arguments: Backend.all) func aSavepointUndoesOnlyWhatIsInIt(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store throws in
                try store.addAccount(alice)
                #expect(throws: Failure.self) {
                    try store.savepoint {
                        try store.addAccount(bob)
                        throw Failure()
                    }
                }
                #expect(try store.account(bob) == nil)
                #expect(
                    try store.savepoint {
                        try store.addAccount(carol); return 5
                    } == 5)
                // One inside another, of which the inner alone is undone.
                try store.savepoint {
                    try store.setPasswordHash("outer", of: alice)
                    try? store.savepoint {
                        try store.setPasswordHash("inner", of: alice)
                        throw Failure()
                    }
                }
            }
            try await database.read { store throws in
                #expect(try store.account(alice)?.passwordHash == "outer")
                #expect(try store.account(bob) == nil)
                #expect(try store.account(carol) != nil)
            }
        }
    }

    @Test(arguments: Backend.all) func aReaderSeesOneMoment(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { try $0.setStreamPosition(at(1)) }
            let (before, after) = try await database.read { store throws in
                let before = try store.streamPosition()
                try database.write { writer in
                    try writer.setStreamPosition(at(2))
                    try writer.addAccount(alice)
                }
                #expect(try store.account(alice) == nil)
                return (before, try store.streamPosition())
            }
            #expect(before == at(1))
            #expect(after == at(1))
            #expect(try await database.read { try $0.streamPosition() } == at(2))
        }
    }

    @Test(arguments: Backend.all) func everythingOutlivesTheProcess(_ backend: Backend) async throws {
        try await backend.withFolder { folder throws in
            let database = try backend.open(folder)
            let (room, device) = try database.writing { store throws in
                try store.addAccount(alice)
                let device = try store.upsertDevice("A", of: alice, displayName: nil)
                let room = try store.insertRoom(roomID("a"), version: "12")
                try store.addEvent(1, in: room, state: StateTuple("m.room.name"))
                try store.setMembership(.join, of: alice, in: room, at: at(1))
                try store.setStreamPosition(at(1))
                return (room, device)
            }
            try database.checkpoint()
            try database.write { try $0.addEvent(2, in: room) }
            try database.close()

            let reopened = try backend.open(folder)
            try await reopened.read { store throws in
                #expect(try store.streamPosition() == at(1))
                #expect(try store.device(device)?.userID == alice)
                #expect(try store.latestEvent(in: room)?.pdu == Array("pdu 2".utf8))
                #expect(try store.currentState(of: room).positions == [1])
                #expect(try store.memberships(of: alice).map(\.room) == [room])
            }
            try reopened.close()
        }
    }

    /// A process that ends without closing loses nothing that was committed.
    @Test(arguments: Backend.all) func whatIsCommittedNeedsNoClosing(_ backend: Backend) async throws {
        try await backend.withFolder { folder throws in
            let crashed = try backend.open(folder)
            try crashed.write { try $0.addAccount(alice) }
            let next = try backend.open(folder)
            try await next.read { store throws in #expect(try store.account(alice) != nil) }
            try next.close()
            try crashed.close()
        }
    }
}
