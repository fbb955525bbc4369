import CanonicalJSON
import EncryptionMachine
import Megolm
import Testing

/// What others can make the machine keep, and what a disk can do to what it keeps.
struct BoundsTests {
    @Test func withheldCodesAreBounded() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        for batch in 0..<11 {
            let events = (0..<1_000).map { number -> JSONValue in
                let content: JSONObject = [
                    "algorithm": "m.megolm.v1.aes-sha2", "room_id": .string(world.room), "sender_key": "x",
                    "code": "m.unverified", "session_id": .string("s\(batch)/\(number)"),
                ]
                return ["type": "m.room_key.withheld", "sender": "@eve:example.org", "content": .object(content)]
            }
            _ = try alice.act { $0.receiveSync(SyncChanges(toDevice: events)) }
        }
        #expect(alice.records.count(in: .missingSessions) == 10_000)
        // Own requests are not held up by it.
        try world.add("@alice:example.org", "A2")
        world.crossSign(alice.user)
        try world.syncAll()
        #expect(try alice.act { $0.requestSession("wanted", in: world.room) })
        #expect(try alice.act { $0.requestSession("wanted", in: world.room) } == false)
    }

    @Test func devicesOfAUserAreBounded() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        for number in 0..<1_010 {
            let name = FakeServer.DeviceName(user: "@many:example.org", device: "M\(number)")
            let device = try Host(name.user, name.device, FakeServer(), world.random, world.clock)
            world.server.deviceKeys[name] = device.machine.ownDeviceKeys
        }
        try alice.act { $0.trackUsers(["@many:example.org"]) }
        try alice.sendRequests()
        #expect(alice.machine.devices(of: "@many:example.org").count == 1_000)
    }

    @Test func sessionsClaimedByManyUsersAreBounded() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
        let event = try world.say("mine", bob)
        try world.syncAll()
        var sessions: [JSONObject] = []
        alice.machine.exportSessions { sessions.append($0) }
        let before = alice.records.count(in: .inboundSessions)
        // The same session under other makers' names: nothing that is there is replaced.
        for number in 0..<50 {
            let other = try Host("@u\(number):example.org", "D", FakeServer(), world.random, world.clock)
            var session = sessions[0]
            session["sender_key"] = .string(other.machine.curve25519Key)
            session["sender_claimed_keys"] = ["ed25519": .string(other.machine.ed25519Key)]
            _ = try alice.act { $0.importSessions([session], origin: .imported) }
        }
        #expect(alice.records.count(in: .inboundSessions) <= before + 8)
        let read = try alice.read(event, in: world.room)
        #expect(read.origin == .direct)
        #expect(read.senderDevice == "B1")
    }

    @Test func aDirectKeyProvesWhatWasImported() throws {
        let world = World()
        let bob = try world.add("@bob:example.org", "B1")
        let alice = try world.add("@alice:example.org", "A1")
        try world.syncAll()
        let first = try world.say("first", bob)
        // A second device is given the session from the second message on, and the beginning by a file.
        let second = try world.add("@alice:example.org", "A2")
        try world.syncAll()
        let next = try world.say("next", bob)
        try world.syncAll()
        #expect(second.body(next, in: world.room) == "next")
        #expect(second.body(first, in: world.room) == nil)
        var exported: [JSONObject] = []
        alice.machine.exportSessions { exported.append($0) }
        #expect(!(try second.act { $0.importSessions(exported, origin: .imported) }).isEmpty)
        // The ratchet of the file turns into the one that Bob's device gave: so it is his.
        #expect(try second.read(first, in: world.room).origin == .direct)
    }

    /// Bytes on the disk change: the machine may forget, refuse and block, and never traps or sends in the clear.
    @Test func damagedRecordsDoNoHarm() throws {
        for table in RecordTable.allCases {
            let world = World()
            let alice = try world.add("@alice:example.org", "A1")
            let bob = try world.add("@bob:example.org", "B1")
            world.crossSign(bob.user)
            try world.syncAll()
            let event = try world.say("hello", bob)
            _ = try world.say("hello", alice)
            try world.syncAll()
            alice.records.damage(table) { bytes in
                var bytes = bytes
                for _ in 0..<3 where !bytes.isEmpty {
                    bytes[world.random.number(0..<bytes.count)] ^= UInt8(world.random.number(1..<256))
                }
                return world.random.chance(30) ? Array(bytes.prefix(world.random.number(0..<bytes.count + 1))) : bytes
            }
            do { try alice.restart() } catch { continue }
            _ = try? alice.read(event, in: world.room)
            try? alice.sync()
            if let sent = try? alice.say("after", in: world.room, to: world.everybody) {
                #expect(sent["content"]?.objectValue?["ciphertext"] != nil)
            }
            _ = alice.machine.devices(of: bob.user)
            _ = alice.machine.makeKeyBundle(in: world.room)
            alice.machine.exportSessions { _ in }
        }
    }

    @Test func damagedPinsAndRoomsAreTakenForTheWorst() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        world.crossSign(bob.user)
        try world.syncAll()
        _ = try world.say("hello", alice)
        alice.records.damage(.rooms) { _ in [99] }
        try alice.restart()
        #expect(alice.machine.encryption(of: world.room)?.historyVisibility == .joined)
        alice.records.damage(.identities) { _ in [99] }
        try alice.restart()
        #expect(alice.machine.identity(of: bob.user)?.state == .changed)
        #expect(try alice.say("blocked", in: world.room, to: world.everybody) == nil)
    }
}
