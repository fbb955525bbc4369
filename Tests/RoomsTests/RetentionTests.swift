import CanonicalJSON
import Foundation
import Homeserver
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules
import ServerUnderTest
import Testing

/// Deleting by age, and erasing what was redacted.
@Suite struct RetentionTests {
    private static let day: Int64 = 24 * 3_600_000

    private func verify(_ server: TestServer) async throws -> HistoryVerifier.Report {
        let key = try #require(VerifyKey(publicKey: TestServer.signingKey.publicKey))
        return try await HistoryVerifier(
            database: server.database, serverName: TestServer.name, keyID: TestServer.signingKey.keyID, key: key
        ).verify()
    }

    private func bodies(_ roomID: RoomID, _ user: TestUser, on server: TestServer) async throws -> [String] {
        let page = try await server.rooms.messages(
            in: roomID, userID: user.userID, from: nil, to: nil, direction: .forward, limit: 1_000,
            isWanted: { _ in true })
        return page.events.compactMap { $0.content["body"]?.stringValue }
    }

    private func keep(
        _ lifetime: Int64, _ roomID: RoomID, _ user: TestUser, on server: TestServer,
        type: String = "m.room.retention"
    ) async throws {
        _ = try await server.rooms.setState(
            type, stateKey: "", content: ["max_lifetime": .integer(lifetime)], in: roomID, sender: user.userID)
    }

    @Test(arguments: ["m.room.retention", "org.matrix.msc1763.retention"])
    func oldMessagesGoAndStateStays(type: String) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await keep(7 * Self.day, roomID, users[0], on: server, type: type)
            let first = try await server.say("old 1", as: users[1], in: roomID)
            try await server.say("old 2", as: users[1], in: roomID)
            _ = try await server.rooms.setState(
                "m.room.topic", stateKey: "", content: ["topic": "t"], in: roomID, sender: users[0].userID)
            try await server.say("old 3", as: users[1], in: roomID)
            server.clock.advance(milliseconds: 5 * Self.day)
            let kept = try await server.say("young", as: users[1], in: roomID)
            let stateBefore = try await server.rooms.room(roomID).read { Set($0.state.all.map(\.eventID)) }
            await server.homeserver.housekeep()
            #expect(try await bodies(roomID, users[0], on: server) == ["old 1", "old 2", "old 3", "young"])

            server.clock.advance(milliseconds: 3 * Self.day)
            await server.homeserver.housekeep()
            #expect(try await bodies(roomID, users[0], on: server) == ["young"])
            #expect(
                try await server.rooms.room(roomID).read { Set($0.state.all.map(\.eventID)) } == stateBefore)
            #expect(
                await refusal {
                    _ = try await server.rooms.event(first, in: roomID, userID: users[0].userID)
                } == .notFound)
            let context = try await server.rooms.context(
                of: kept, in: roomID, userID: users[0].userID, limit: 10, isWanted: { _ in true })
            #expect(context.before.events.allSatisfy { $0.stateKey != nil })
            try await server.say("after", as: users[1], in: roomID)

            let report = try await verify(server)
            #expect(report.faults.isEmpty, "\(report.faults)")
            #expect(report.expiredEventCount == 3)
            try await server.afterRestart { next throws in
                #expect(try await bodies(roomID, users[0], on: next) == ["young", "after"])
                try await next.expectViewAgrees(roomID)
            }
        }
    }

    /// Also the last event goes; what comes next still follows it.
    @Test func aWholeHistoryGoesAndTheNextEventFollowsIt() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            try await keep(Self.day, roomID, users[0], on: server)
            for number in 1...5 { try await server.say("old \(number)", as: users[1], in: roomID) }
            server.clock.advance(milliseconds: 2 * Self.day)
            await server.homeserver.housekeep()
            #expect(try await bodies(roomID, users[0], on: server) == [])
            let answer = try await server.sync(users[0])
            #expect(answer.room(roomID)?.bodies == [])
            try await server.afterRestart { next throws in
                try await next.say("new", as: users[1], in: roomID)
                #expect(try await bodies(roomID, users[0], on: next) == ["new"])
                let report = try await verify(next)
                #expect(report.faults.isEmpty, "\(report.faults)")
                #expect(report.expiredEventCount == 5)
                next.clock.advance(milliseconds: 2 * Self.day)
                await next.homeserver.housekeep()
                let again = try await verify(next)
                #expect(again.faults.isEmpty, "\(again.faults)")
                #expect(again.expiredEventCount == 6)
                let room = try await next.rooms.room(roomID)
                let runs = try await next.database.read { try $0.expiredRuns(of: room.number) }
                // What follows one stretch becomes part of it.
                #expect(runs.map(\.eventCount) == [6])
            }
        }
    }

    /// The verifier still finds what is missing for no reason.
    @Test func aHoleThatNobodyMadeIsFound() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let gone = try await server.say("gone", as: alice, in: roomID)
            try await server.say("here", as: alice, in: roomID)
            let position = try #require(try await server.database.read { try $0.event(gone)?.position })
            try await server.writes.submit { try $0.store.deleteEvent(at: position) }
            #expect(try await !verify(server).faults.isEmpty)
        }
    }

    @Test func theServersLimitsHold() {
        var configuration = RetentionConfiguration()
        func lifetime(_ content: JSONObject?) -> Int64? {
            RetentionPolicy(content: content, configuration: configuration).maximumLifetime
        }
        #expect(lifetime(nil) == nil)
        #expect(lifetime(["max_lifetime": 5]) == Self.day)
        #expect(lifetime(["max_lifetime": .integer(3 * Self.day)]) == 3 * Self.day)
        #expect(
            lifetime(["max_lifetime": .integer(2 * Self.day), "min_lifetime": .integer(4 * Self.day)]) == 4 * Self.day)
        #expect(lifetime(["max_lifetime": "soon"]) == nil)
        configuration.defaultMaximumLifetime = 30 * Self.day
        configuration.longestLifetime = 90 * Self.day
        #expect(lifetime(nil) == 30 * Self.day)
        #expect(lifetime(["max_lifetime": .integer(500 * Self.day)]) == 90 * Self.day)
        configuration.defaultMaximumLifetime = nil
        #expect(lifetime(nil) == 90 * Self.day)
    }

    @Test func theServersDefaultHoldsWhereRoomsSayNothing() async throws {
        try await TestServer.run(configure: { $0.rooms.retention.defaultMaximumLifetime = 2 * Self.day }) {
            server throws in
            let alice = try await server.user("alice")
            // More rooms than one step looks at events in.
            let rooms = [try await server.room(of: [alice]), try await server.room(of: [alice])]
            for roomID in rooms { try await server.say("in \(roomID)", as: alice, in: roomID) }
            server.clock.advance(milliseconds: 3 * Self.day)
            await server.homeserver.housekeep()
            for roomID in rooms { #expect(try await bodies(roomID, alice, on: server) == []) }
        }
    }

    // MARK: Redaction

    private func bytesOfDatabase(_ server: TestServer) throws -> Data {
        try ["naru.sqlite", "naru.sqlite-wal"].reduce(into: Data()) { bytes, name in
            let path = server.folder.file(name)
            if FileManager.default.fileExists(atPath: path) {
                bytes += try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
    }

    @Test func redactedContentIsKeptForModeratorsAndThenErasedFromTheFile() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob", "carol")
            let roomID = try await server.room(of: users)
            let secret = "a-secret-that-stands-out"
            let event = try await server.say(secret, as: users[1], in: roomID, transaction: "1")
            _ = try await server.rooms.redact(
                event, in: roomID, reason: nil, transactionID: "r", sender: users[1].sender)
            let seen = try await server.rooms.unredactedEvent(event, in: roomID, userID: users[0].userID)
            #expect(seen.content["body"]?.stringValue == secret)
            #expect(seen.redactedBecause != nil)
            // Neither another member nor the sender himself.
            for user in users[1...] {
                #expect(
                    await refusal {
                        _ = try await server.rooms.unredactedEvent(event, in: roomID, userID: user.userID)
                    } == .forbidden)
            }
            server.homeserver.checkpoint()
            #expect(try bytesOfDatabase(server).range(of: Data(secret.utf8)) != nil)

            server.clock.advance(milliseconds: 7 * Self.day)
            #expect(
                await refusal {
                    _ = try await server.rooms.unredactedEvent(event, in: roomID, userID: users[0].userID)
                } == .unredactedContentDeleted)
            await server.homeserver.housekeep()
            server.homeserver.checkpoint()
            #expect(try bytesOfDatabase(server).range(of: Data(secret.utf8)) == nil)
            let report = try await verify(server)
            #expect(report.faults.isEmpty)
        }
    }

    @Test func nothingIsKeptWhereTheOperatorWantsSo() async throws {
        try await TestServer.run(configure: { $0.rooms.redactedContentLifetimeMilliseconds = 0 }) { server throws in
            let alice = try await server.user("alice")
            let roomID = try await server.room(of: [alice])
            let event = try await server.say("secret", as: alice, in: roomID)
            _ = try await server.rooms.redact(event, in: roomID, reason: nil, transactionID: "r", sender: alice.sender)
            #expect(
                await refusal {
                    _ = try await server.rooms.unredactedEvent(event, in: roomID, userID: alice.userID)
                } == .unredactedContentDeleted)
        }
    }

    /// What may be wrong with an index.
    enum Damage: CaseIterable { case missing, otherParent, otherType, otherSender, ofNothing }

    /// The index of relations is checked with the history that it is an index of.
    @Test(arguments: Damage.allCases) func aWrongIndexOfRelationsIsFound(_ damage: Damage) async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            let parent = try await server.say("parent", as: users[0], in: roomID)
            let between = try await server.say("between", as: users[0], in: roomID)
            let reaction = try await server.react("👍", to: parent, as: users[1], in: roomID)
            let redacted = try await server.reply("gone", inThread: parent, as: users[1], in: roomID)
            try await server.redact(redacted, as: users[1], in: roomID)
            let unknown = EventID("$" + String(repeating: "A", count: 43))!
            try await server.relate("m.reference", to: unknown, as: users[0], in: roomID)
            #expect(try await verify(server).faults.isEmpty)
            try await server.writes.submit { context in
                func position(_ eventID: EventID) throws -> StreamPosition {
                    try #require(try context.store.event(eventID)).position
                }
                let child = try position(reaction)
                let number = try #require(try context.store.event(reaction)).room
                let right = try #require(
                    try context.store.relationRecords(in: number, after: .zero, upTo: context.position).first)
                if damage != .ofNothing { try context.store.deleteRelation(of: child) }
                guard damage != .missing else { return }
                try context.store.insertRelation(
                    RelationRecord(
                        child: damage == .ofNothing ? position(between) : child,
                        parent: damage == .otherParent ? position(between) : right.parent, room: number,
                        type: damage == .otherType ? "m.other" : right.type, eventType: right.eventType,
                        sender: damage == .otherSender ? users[0].userID : right.sender, key: right.key,
                        originServerTimestamp: right.originServerTimestamp, isValid: right.isValid))
            }
            let faults = try await verify(server).faults
            #expect(faults.count == 1)
            #expect(faults.first?.eventID == (damage == .ofNothing ? between : reaction))
            #expect(faults.first?.reason.contains("index of relations") == true)
        }
    }
}
