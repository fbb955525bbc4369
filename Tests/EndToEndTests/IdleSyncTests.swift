import EndToEnd
import HomeserverStore
import MatrixIdentifiers
import ServerUnderTest
import Sync
import Testing

/// What a sync without news costs: nothing of the store.
@Suite struct IdleSyncTests {
    @Test("a device's status is read once, and again after a commit that changes it, and not for another device's")
    func aStatusIsReadOnceForEachChange() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let database = CountingDatabase(server.database)
            let service = EndToEndService(serverName: TestServer.name, database: database, writes: server.writes)
            func look() async throws -> Int {
                let end = server.writes.publishedPosition
                _ = try await service.status(of: users[1].device)
                let messages = try await service.toDeviceMessages(for: users[1].device, after: end, upTo: end)
                #expect(messages.isEmpty)
                try await service.acknowledge(upTo: .zero, for: users[1].device)
                return database.reads.value
            }
            #expect(try await look() == 1)
            #expect(try await look() == 1)
            func send(to target: TestUser) async throws {
                try await service.sendToDevice(
                    "m.test", [.init(userID: target.userID, deviceID: target.deviceID, content: [:])],
                    transactionID: target.deviceID, sender: users[0].sender)
            }
            try await send(to: users[0])
            #expect(try await look() == 1)
            try await send(to: users[1])
            #expect(try await look() == 2)
            #expect(try await look() == 2)
        }
    }

    private let alice = UserID("@alice:test")!
    private let bob = UserID("@bob:test")!

    private func at(_ position: Int64) -> StreamPosition { StreamPosition(position) }

    @Test("memory knows who changed, and says so when only the store knows") func theLogKnowsItsLimits() {
        var log = DeviceListLog()
        #expect(log.news(after: .zero, upTo: at(9)) == .nothing)
        log.noteStored(at: at(3))
        #expect(log.news(after: at(2), upTo: at(9)) == .stored)
        #expect(log.news(after: at(3), upTo: at(9)) == .nothing)
        log.noteChanged(alice, at: at(4))
        log.noteChanged(alice, at: at(4))
        log.noteChanged(bob, at: at(6))
        #expect(log.news(after: at(3), upTo: at(9)) == .changed([alice, bob]))
        #expect(log.news(after: at(3), upTo: at(5)) == .changed([alice]))
        #expect(log.news(after: at(6), upTo: at(9)) == .nothing)
        log.noteStored(at: at(5))
        #expect(log.news(after: at(4), upTo: at(9)) == .stored)
        #expect(log.news(after: at(5), upTo: at(9)) == .changed([bob]))
    }

    @Test("the log is bounded, and forgets into the store's hands") func theLogIsBounded() {
        var log = DeviceListLog()
        let count = DeviceListLog.maximumCount
        for position in 1...(count + 1) { log.noteChanged(alice, at: at(Int64(position))) }
        #expect(log.news(after: at(1), upTo: at(Int64(count + 1))) == .stored)
        #expect(log.news(after: at(Int64(count)), upTo: at(Int64(count + 1))) == .changed([alice]))
        #expect(log.news(after: at(Int64(count + 1)), upTo: at(Int64(count + 1))) == .nothing)
    }
}
