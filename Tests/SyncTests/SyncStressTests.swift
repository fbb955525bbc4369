import CanonicalJSON
import MatrixIdentifiers
import RandomJSON
import ServerUnderTest
import Testing

/// Clients that sync while others write miss nothing and get nothing twice.
@Suite(.timeLimit(.minutes(1))) struct SyncStressTests {
    /// Rules 56 and 74.
    @Test func everybodySeesEverythingOnce() async throws {
        try await TestServer.run { server throws in
            var users: [TestUser] = []
            for number in 0..<8 { users.append(try await server.user("u\(number)")) }
            let everybody = users
            var rooms: [RoomID] = []
            for _ in 0..<3 { rooms.append(try await server.room(of: everybody)) }
            let roomIDs = rooms
            let writers = 4

            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        for number in 0..<60 {
                            let roomID = roomIDs[(number + writer) % roomIDs.count]
                            try await server.say("\(writer).\(number)", as: everybody[writer], in: roomID)
                        }
                        for roomID in roomIDs {
                            try await server.say("end of \(writer)", as: everybody[writer], in: roomID)
                        }
                    }
                }
                for (index, user) in everybody.enumerated() {
                    group.addTask {
                        try await Self.follow(user, limit: [1, 3, 50][index % 3], roomIDs, writers, server)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Syncs, waiting without end, until all writers have come to theirs; then compares with the store.
    private static func follow(
        _ user: TestUser, limit: Int, _ roomIDs: [RoomID], _ writers: Int, _ server: TestServer
    ) async throws {
        var client = SyncingClient(user, limit: limit)
        var ends = 0
        while ends < writers * roomIDs.count {
            try await client.sync(with: server, timeoutMilliseconds: 600_000)
            ends = try await endings(client.timelines, server)
        }
        for roomID in roomIDs {
            #expect(client.timelines[roomID] == (try await server.storedTimeline(roomID)))
        }
    }

    private static func endings(_ timelines: [RoomID: [String]], _ server: TestServer) async throws -> Int {
        var count = 0
        for (roomID, timeline) in timelines {
            let known = Set(timeline.suffix(200))
            let events = try await server.rooms.room(roomID).read { $0.timeline }
            count += events.count { event in
                known.contains(event.eventID.string)
                    && event.content["body"]?.stringValue?.hasPrefix("end of") == true
            }
        }
        return count
    }

    /// Streams that are loaded in the midst of writing, each for the first time.
    @Test func aStreamThatIsLoadedWhileOthersWriteMissesNothing() async throws {
        try await TestServer.run { server throws in
            let writer = try await server.user("writer")
            let roomID = try await server.room(of: [writer])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for number in 0..<150 { try await server.say("\(number)", as: writer, in: roomID) } }
                for number in 0..<20 {
                    group.addTask {
                        let reader = try await server.user("r\(number)")
                        try await server.rooms.join(roomID, userID: reader.userID, reason: nil)
                        var client = SyncingClient(reader, limit: 2)
                        try await client.sync(with: server)
                        let last = try await server.say("from \(number)", as: reader, in: roomID)
                        while client.timelines[roomID]?.contains(last.string) != true {
                            try await client.sync(with: server, timeoutMilliseconds: 600_000)
                        }
                        let timeline = try #require(client.timelines[roomID])
                        let stored = try await server.storedTimeline(roomID)
                        #expect(timeline == Array(stored.prefix(timeline.count)))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
