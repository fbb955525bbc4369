import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import Rooms
import ServerUnderTest
import Synchronization
import Testing

@Suite struct ReceiptsAndTypingTests {
    /// Rule 99.
    @Test func receiptsOnlyMoveForward() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            var events: [EventID] = []
            for number in 0..<3 { events.append(try await server.say("\(number)", as: users[0], in: roomID)) }
            func mark(_ index: Int, _ type: RoomService.ReceiptType, thread: String? = nil) async throws -> EventID? {
                try await server.rooms.mark(
                    [.init(type: type, eventID: events[index], threadID: thread)], in: roomID, userID: users[1].userID)
                return try await server.rooms.room(roomID).read { view in
                    view.receipts.receipt(of: users[1].userID, type: type.rawValue, threadID: thread)?.eventID
                }
            }
            #expect(try await mark(1, .read) == events[1])
            let position = server.rooms.position
            #expect(try await mark(0, .read) == events[1])
            #expect(try await mark(1, .read) == events[1])
            #expect(server.rooms.position == position)
            #expect(try await mark(2, .read) == events[2])
            // Each type and thread has its own.
            #expect(try await mark(0, .readPrivate) == events[0])
            #expect(try await mark(0, .read, thread: "main") == events[0])
            _ = try await mark(2, .fullyRead)
            _ = try await mark(1, .fullyRead)
            let room = try await server.rooms.room(roomID)
            let marker = try await server.accounts.accountData("m.fully_read", of: users[1].userID, room: room.number)
            #expect(try JSONObject(parsing: marker) == ["event_id": .string(events[2].string)])
            try await server.afterRestart { next throws in
                let receipt = try await next.rooms.room(roomID).read { view in
                    view.receipts.receipt(of: users[1].userID, type: "m.read")?.eventID
                }
                #expect(receipt == events[2])
            }
        }
    }

    @Test func marksAreSetTogetherOrNotAtAll() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: [users[0]])
            let event = try await server.say("hello", as: users[0], in: roomID)
            let nowhere = EventID("$" + String(repeating: "A", count: 43))!
            let marks: [RoomService.ReadMark] = [
                .init(type: .read, eventID: event), .init(type: .fullyRead, eventID: nowhere),
            ]
            #expect(
                await refusal { try await server.rooms.mark(marks, in: roomID, userID: users[0].userID) } == .notFound)
            let receipts = try await server.rooms.room(roomID).read { $0.receipts.receipts(of: users[0].userID) }
            #expect(receipts.isEmpty)
            #expect(
                await refusal {
                    try await server.rooms.mark([marks[0]], in: roomID, userID: users[1].userID)
                } == .forbidden)
        }
    }

    /// Rule 71.
    @Test func typingEndsWithItsTimeTheMessageOrTheClient() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let room = try await server.rooms.room(roomID)
            let typing = server.rooms.typing
            let before = typing.serial
            func typists(after serial: Int64 = 0) -> [String]? {
                typing.users(in: room.number, changedAfter: serial)?.map(\.localpart)
            }
            typing.start(users[1].userID, in: room, timeoutMilliseconds: 5_000)
            typing.start(users[0].userID, in: room, timeoutMilliseconds: 10_000)
            #expect(typists(after: before) == ["alice", "bob"])
            let started = typing.serial
            // Going on is no change.
            typing.start(users[0].userID, in: room, timeoutMilliseconds: 10_000)
            #expect(typing.serial == started)
            #expect(typists(after: started) == nil)
            server.clock.advance(milliseconds: 4_999)
            typing.expire()
            #expect(typists(after: started) == nil)
            server.clock.advance(milliseconds: 1)
            typing.expire()
            #expect(typists(after: started) == ["alice"])
            try await server.say("done", as: users[0], in: roomID)
            #expect(typists() == [])
            // Whatever a client asks for, it ends.
            typing.start(users[1].userID, in: room, timeoutMilliseconds: .max / 4)
            server.clock.advance(milliseconds: TypingTracker.maximumTimeoutMilliseconds)
            typing.expire()
            #expect(typists() == [])
            typing.stop(users[1].userID, in: room)
            #expect(typists() == [])
        }
    }

    private final class Told: Sendable {
        let serial = Atomic<Int64>(.max)
    }

    /// Every serial that can be read is known to whoever wakes syncs: a token never runs ahead of them.
    @Test func noSerialIsReadBeforeItsObserverKnows() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let room = try await server.rooms.room(try await server.room(of: [alice]))
            let typing = server.rooms.typing
            let told = Told()
            told.serial.store(typing.serial, ordering: .releasing)
            typing.addObserver { _, serial, _ in
                for _ in 0..<200 { _ = told.serial.load(ordering: .relaxed) }
                told.serial.store(serial, ordering: .releasing)
            }
            let done = Counter()
            await withTaskGroup(of: Int.self) { group in
                group.addTask {
                    for number in 0..<20_000 {
                        if number % 2 == 0 {
                            typing.start(alice.userID, in: room, timeoutMilliseconds: 1_000)
                        } else {
                            typing.stop(alice.userID, in: room)
                        }
                    }
                    done.increase()
                    return 0
                }
                group.addTask {
                    var early = 0
                    while done.value == 0 {
                        let serial = typing.serial
                        if told.serial.load(ordering: .acquiring) < serial { early += 1 }
                    }
                    return early
                }
                for await early in group { #expect(early == 0) }
            }
        }
    }
}
