import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Testing

/// Reports, delayed events, expired history, redacted originals and shared rooms.
@Suite struct RoomLifeStoreTests {
    /// Rule 125.
    @Test(arguments: Backend.all) func theOldestReportsGo(backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            for number in 1...5 {
                try database.writing { store in
                    try store.insertReport(
                        ReportRecord(
                            reporter: number == 5 ? bob : alice, roomID: roomID("a"), reason: "\(number)",
                            createdAt: Int64(number)), maximumCount: 3)
                }
            }
            let (reports, ofAlice) = try await database.read { store in
                (try store.reports(before: nil, limit: 10), try store.reportCount(by: alice))
            }
            #expect(reports.map(\.reason) == ["5", "4", "3"])
            #expect(reports[0].roomID == roomID("a"))
            #expect(ofAlice == 2)
            let later = try await database.read { try $0.reports(before: reports[0].number, limit: 1) }
            #expect(later.map(\.reason) == ["4"])
        }
    }

    private func delayed(_ id: String, _ user: UserID, delay: Int64, path: UInt8? = nil) -> DelayedEventRecord {
        DelayedEventRecord(
            delayID: id, userID: user, device: DeviceNumber(1), roomID: roomID("a"), type: "t\0x", stateKey: "k\0",
            content: Array("{}".utf8), delayMilliseconds: delay, runningSince: 100,
            transaction: path.map { .init(pathHash: [$0], id: "txn") })
    }

    @Test(arguments: Backend.all) func delayedEventsComeInTheOrderInWhichTheyAreDue(backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            let events = [
                delayed("c", alice, delay: 30, path: 1), delayed("a", bob, delay: 10), delayed("b1", alice, delay: 20),
                delayed("b2", alice, delay: 20),
            ]
            try database.write { store in for event in events { try store.insertDelayedEvent(event) } }
            #expect(try await database.read { try $0.nextDelayedEventDueAt() } == 110)
            #expect(
                try await database.read { try $0.dueDelayedEvents(at: 125, limit: 9).map(\.delayID) } == [
                    "a", "b1", "b2",
                ])
            #expect(try await database.read { try $0.dueDelayedEvents(at: 125, limit: 1).map(\.delayID) } == ["a"])
            #expect(try await database.read { try $0.delayedEvent("c") } == events[0])
            #expect(
                try await database.read { try $0.delayedEvent(of: DeviceNumber(1), pathHash: [1])?.delayID } == "c")
            try database.write { store in
                for (index, event) in events.enumerated() {
                    var done = event
                    done.outcome = .sent
                    done.finalizedAt = Int64(1_000 + index)
                    done.eventID = eventID(index)
                    try store.updateDelayedEvent(done)
                }
                try store.deleteFinalizedDelayedEvents(before: 1_001)
                try store.deleteFinalizedDelayedEvents(of: alice, keeping: 1)
            }
            #expect(try await database.read { try $0.nextDelayedEventDueAt() } == nil)
            let left = try await database.read { try $0.delayedEvents(of: alice) + $0.delayedEvents(of: bob) }
            #expect(left.map(\.delayID) == ["b2", "a"])
            #expect(left[0].eventID == eventID(3))
        }
    }

    @Test(arguments: Backend.all) func stretchesThatFollowEachOtherAreOne(backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            func run(_ first: Int, _ last: Int) -> ExpiredRun {
                ExpiredRun(
                    room: RoomNumber(1), first: at(Int64(first)), last: at(Int64(last)), follows: eventID(first - 1),
                    lastEvent: eventID(last), lastDepth: Int64(last), eventCount: last - first + 1)
            }
            try database.write { store in
                try store.insertExpiredRun(run(5, 8))
                try store.insertExpiredRun(run(9, 10))
                try store.insertExpiredRun(run(12, 12))
                try store.setRetentionProgress(at(12), of: RoomNumber(1))
            }
            let (runs, latest, progress) = try await database.read { store in
                (
                    try store.expiredRuns(of: RoomNumber(1)), try store.latestExpiredRun(of: RoomNumber(1)),
                    (try store.retentionProgress(of: RoomNumber(1)), try store.retentionProgress(of: RoomNumber(2)))
                )
            }
            #expect(runs == [run(5, 10), run(12, 12)])
            #expect(latest == run(12, 12))
            #expect(progress == (at(12), .zero))
        }
    }

    @Test(arguments: Backend.all) func redactedOriginalsHaveTheirTime(backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store in
                try store.insertRedactedOriginal([1], at: at(1), eraseAt: 100)
                try store.insertRedactedOriginal([2], at: at(2), eraseAt: 200)
            }
            #expect(try await database.read { try $0.redactedOriginal(at: at(1), now: 99) } == [1])
            #expect(try await database.read { try $0.redactedOriginal(at: at(1), now: 100) } == nil)
            #expect(try await database.read { try $0.hasRedactedOriginals(before: 99) } == false)
            #expect(try database.writing { try $0.eraseRedactedOriginals(before: 100, limit: 5) } == 1)
            #expect(try await database.read { try $0.redactedOriginal(at: at(2), now: 0) } == [2])
            #expect(try await database.read { try $0.redactedOriginal(at: at(1), now: 0) } == nil)
        }
    }

    /// Rule 116.
    @Test(arguments: Backend.all) func sharedRoomsAreThoseOfBoth(backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.write { store in
                for (index, members) in [[alice, bob], [alice], [bob, carol], [alice, bob]].enumerated() {
                    let room = try store.insertRoom(roomID("r\(index)"), version: "12")
                    for member in members {
                        try store.setMembership(.join, of: member, in: room, at: at(Int64(index + 1)))
                    }
                }
                let left = try store.insertRoom(roomID("left"), version: "12")
                try store.setMembership(.join, of: alice, in: left, at: at(8))
                try store.setMembership(.leave, of: bob, in: left, at: at(9))
                try store.setNoticesRoom(roomID("left"), of: alice)
            }
            let shared = try await database.read {
                try $0.sharedRooms(of: alice, with: bob, after: RoomNumber(0), limit: 9)
            }
            #expect(shared.map(\.roomID) == [roomID("r0"), roomID("r3")])
            #expect(try await database.read { try $0.sharedRoomCount(of: alice, with: bob) } == 2)
            #expect(
                try await database.read {
                    try $0.sharedRooms(of: alice, with: bob, after: shared[0].number, limit: 1).map(\.roomID)
                } == [roomID("r3")])
            #expect(try await database.read { try $0.noticesRoom(of: alice) } == roomID("left"))
            #expect(try await database.read { try $0.noticesRoom(of: bob) } == nil)
        }
    }
}
