import CanonicalJSON
import EndToEnd
import HomeserverStore
import MatrixIdentifiers
import ServerUnderTest
import Sync
import Testing

extension SyncAnswer {
    var toDevice: [JSONValue] { json["to_device"]?["events"]?.arrayValue ?? [] }
    var toDeviceNumbers: [Int64] { toDevice.compactMap { $0["content"]?["n"]?.integerValue } }
    var changed: [String] { json["device_lists"]?["changed"]?.strings ?? [] }
    var left: [String] { json["device_lists"]?["left"]?.strings ?? [] }
}

extension TestServer {
    /// One message with a number.
    func send(
        _ number: Int64, from sender: TestUser, to target: TestUser, device: String? = nil, transaction: String? = nil
    ) async throws {
        try await endToEnd.sendToDevice(
            "m.test",
            [.init(userID: target.userID, deviceID: device ?? target.deviceID, content: ["n": .integer(number)])],
            transactionID: transaction ?? "t\(number)", sender: sender.sender)
    }
}

/// Messages from device to device: rules 87 and 88.
@Suite struct ToDeviceTests {
    @Test("rule 87: in order, to the one device, until the next token covers them")
    func messagesAreDeletedWhenTheTokenCoversThem() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let other = try await server.user("bob", device: "OTHER")
            let start = try await server.sync(users[1]).nextBatch
            for number in 1...3 { try await server.send(Int64(number), from: users[0], to: users[1]) }
            let first = try await server.sync(users[1], since: start)
            #expect(first.toDeviceNumbers == [1, 2, 3])
            #expect(first.toDevice.first?["sender"]?.stringValue == users[0].userID.string)
            #expect(first.toDevice.first?["type"] == "m.test")
            // The answer may have got lost: the same token gets the same messages.
            #expect(try await server.sync(users[1], since: start).toDeviceNumbers == [1, 2, 3])
            #expect(try await server.afterRestart { try await $0.sync(users[1], since: start) }.toDevice.count == 3)
            #expect(try await server.sync(other).toDevice.isEmpty)
            #expect(try await server.sync(users[1], since: first.nextBatch).toDevice.isEmpty)
            // Now they are gone for good.
            #expect(try await server.sync(users[1], since: start).toDevice.isEmpty)
            #expect(try await server.sync(users[1]).toDevice.isEmpty)
        }
    }

    @Test("rule 87: at most 100 in one answer, and the token does not skip the rest")
    func manyMessagesComeInSeveralAnswers() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            for number in 1...250 { try await server.send(Int64(number), from: users[0], to: users[1]) }
            var received: [Int64] = []
            var since: String?
            for expected in [100, 100, 50, 0] {
                let answer = try await server.sync(users[1], since: since)
                #expect(answer.toDevice.count == expected)
                received += answer.toDeviceNumbers
                since = answer.nextBatch
                // A repetition of the request changes nothing.
                if expected == 100 {
                    let again = try await server.afterRestart { try await $0.sync(users[1], since: since) }
                    #expect(again.toDeviceNumbers.first == received.last! + 1)
                }
            }
            #expect(received == Array(1...250))
        }
    }

    @Test("rule 87: * is all devices there are at the moment of sending; unknown ones are passed over")
    func aStarReachesEveryDevice() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let other = try await server.user("bob", device: "OTHER")
            try await server.send(1, from: users[0], to: users[1], device: "*")
            try await server.send(2, from: users[0], to: users[1], device: "NONE")
            let late = try await server.user("bob", device: "LATE")
            #expect(try await server.sync(users[1]).toDeviceNumbers == [1])
            #expect(try await server.sync(other).toDeviceNumbers == [1])
            #expect(try await server.sync(late).toDeviceNumbers == [])
        }
    }

    @Test("rule 87: a repeated transaction sends nothing, also after a restart")
    func transactionsAreDeduplicated() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let second = try await server.user("alice", device: "SECOND")
            try await server.send(1, from: users[0], to: users[1], transaction: "t")
            try await server.send(2, from: users[0], to: users[1], transaction: "t")
            try await server.afterRestart { try await $0.send(3, from: users[0], to: users[1], transaction: "t") }
            // Another device counts for itself.
            try await server.send(4, from: second, to: users[1], transaction: "t")
            #expect(try await server.afterRestart { try await $0.sync(users[1]) }.toDeviceNumbers == [1, 4])
        }
    }

    @Test("rule 88: a deleted device's messages are dropped, also if its ID comes back")
    func messagesGoWithTheDevice() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let old = try await server.user("bob", device: "PHONE")
            try await server.send(1, from: users[0], to: old)
            #expect(try await server.sync(old).toDeviceNumbers == [1])
            try await server.accounts.deleteDevices(["PHONE"], of: old.userID)
            let new = try await server.user("bob", device: "PHONE")
            #expect(try await server.sync(new).toDevice.isEmpty)
        }
    }

    @Test("rule 87: an inbox is bounded: the earliest messages give way")
    func inboxesAreBounded() async throws {
        try await TestServer.run { server throws in
            let bob = try await server.user("bob")
            let bounds = InboxBounds(maximumCount: 3, maximumBytes: 60)
            try await server.writes.submit { context in
                for size in [10, 10, 10, 10, 50] {
                    try context.store.insertToDeviceMessage(
                        ToDeviceMessage(
                            position: context.nextPosition(), json: [UInt8](repeating: 0x20, count: size)),
                        for: bob.device, bounds: bounds)
                }
            }
            let position = server.writes.publishedPosition
            let left = try await server.database.read {
                try $0.toDeviceMessages(for: bob.device, after: .zero, upTo: position, limit: 10)
            }
            #expect(left.map(\.json.count) == [10, 50])
        }
    }

    @Test("a waiting sync is woken by a message to its device, and not answered for one to another device")
    func messagesWakeTheirDevice() async throws {
        try await TestServer.run { server throws in
            let users = try await server.users("alice", "bob")
            let other = try await server.user("bob", device: "OTHER")
            let start = try await server.sync(users[1]).nextBatch
            let sync = Task { try await server.sync(users[1], since: start, timeoutMilliseconds: 60_000) }
            while server.sync.waitCount < 1 { await Task.yield() }
            try await server.send(1, from: users[0], to: other)
            try await server.send(2, from: users[0], to: users[1])
            #expect(try await sync.value.toDeviceNumbers == [2])
        }
    }
}
