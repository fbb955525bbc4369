import CanonicalJSON
import CrossSigning
import EncryptionMachine
import Megolm
import Olm
import Primitives
import Testing

/// The server is the attacker: it swaps, injects, replays, reorders and lies.
struct AttackerTests {
    private let world = World()
    private let alice: Host
    private let bob: Host

    init() throws {
        alice = try world.add("@alice:example.org", "A1")
        bob = try world.add("@bob:example.org", "B1")
        world.crossSign(bob.user)
        try world.syncAll()
        _ = try world.say("hello", alice)
        try world.syncAll()
        _ = alice.takeNews()
    }

    private func session(_ event: JSONObject) -> String {
        event["content"]?.objectValue?["session_id"]?.stringValue ?? ""
    }

    @Test func swappedDeviceKeysAreRefused() throws {
        let eve = try Host("@bob:example.org", "B1", FakeServer(), world.random, world.clock)
        let original = world.server.deviceKeys[bob.name]
        world.server.deviceKeys[bob.name] = eve.machine.ownDeviceKeys
        world.server.noteChange(of: bob.user)
        try alice.sync()
        #expect(alice.takeNews().contains(.deviceKeysChanged(user: bob.user, device: "B1")))
        #expect(alice.machine.device("B1", of: bob.user)?.ed25519Key == bob.machine.ed25519Key)
        let event = try world.say("still for Bob", alice)
        world.server.deviceKeys[bob.name] = original
        try bob.sync()
        #expect(bob.body(event, in: world.room) == "still for Bob")
    }

    @Test func deviceKeysMustSayWhoseTheyAreAndBeSigned() throws {
        let eve = try world.add("@eve:example.org", "E1")
        let keys = try #require(world.server.deviceKeys[eve.name])
        var forged = keys
        forged["user_id"] = .string(bob.user)
        var stripped = keys
        stripped["signatures"] = nil
        for (device, json) in [("E1", keys), ("E1", forged), ("B9", keys), ("E1", stripped), ("E1", JSONObject())] {
            world.server.deviceKeys[FakeServer.DeviceName(user: bob.user, device: device)] = json
        }
        world.server.noteChange(of: bob.user)
        try alice.sync()
        #expect(alice.machine.devices(of: bob.user).map(\.deviceID) == ["B1"])
    }

    @Test func anInjectedDeviceGetsNoKeys() throws {
        // The attacker's device is in the list, signed by itself only.
        let injected = try world.add("@bob:example.org", "EVIL")
        let event = try world.say("not for the attacker", alice)
        try world.syncAll()
        #expect(alice.takeNews().contains(.devicesChanged(user: bob.user, added: ["EVIL"], removed: [])))
        #expect(injected.body(event, in: world.room) == nil)
        #expect(bob.body(event, in: world.room) == "not for the attacker")
        // Hiding the identity changes nothing about that.
        world.server.masterKeys[bob.user] = nil
        world.server.selfSigningKeys[bob.user] = nil
        world.server.noteChange(of: bob.user)
        let second = try world.say("nor this", alice)
        try world.syncAll()
        #expect(injected.body(second, in: world.room) == nil)
    }

    @Test func aChangedIdentityBlocksUntilSomebodyDecides() throws {
        let other = TestIdentity(bob.user, world.random.source)
        other.publish(on: world.server)
        let injected = try world.add("@bob:example.org", "EVIL")
        other.sign(device: "EVIL", on: world.server)
        try alice.sync()
        #expect(alice.takeNews().contains(.identityChanged(user: bob.user, wasVerified: false)))
        let before = world.server.toDeviceBodies.count
        #expect(try alice.say("x", in: world.room, to: world.everybody) == nil)
        let readiness = try alice.act { try $0.prepareToSend(in: world.room, members: world.everybody) }
        #expect(readiness == .blocked(.identitiesChanged(users: [bob.user])))
        #expect(world.server.toDeviceBodies.count == before)
        try alice.restart()
        #expect(try alice.say("x", in: world.room, to: world.everybody) == nil)
        // Messages from the new identity carry a warning.
        let fromInjected = try injected.say("I am Bob", in: world.room, to: world.everybody)
        try alice.sync()
        if let fromInjected {
            #expect(try alice.read(fromInjected, in: world.room).warning == .identityChanged)
        }
        try alice.act { try $0.acceptIdentity(of: bob.user) }
        #expect(alice.machine.identity(of: bob.user)?.state == .unverified)
        _ = try world.say("after a look at it", alice)
    }

    @Test func aVerifiedIdentityThatChangesIsWorse() throws {
        let own = world.crossSign(alice.user)
        own.verify(try #require(world.identities[bob.user]), on: world.server)
        try world.syncAll()
        #expect(alice.machine.identity(of: bob.user)?.state == .verified)
        TestIdentity(bob.user, world.random.source).publish(on: world.server)
        try alice.sync()
        #expect(alice.takeNews().contains(.identityChanged(user: bob.user, wasVerified: true)))
        #expect(alice.machine.identity(of: bob.user)?.state == .changedAfterVerification)
        // The old one back is as it was.
        try #require(world.identities[bob.user]).publish(on: world.server)
        try alice.sync()
        #expect(alice.machine.identity(of: bob.user)?.state == .verified)
    }

    @Test func claimedKeysMustBeSignedByTheirDevice() throws {
        let carol = try world.add("@carol:example.org", "C1")
        let eve = try world.add("@eve:example.org", "E1")
        world.server.oneTimeKeys[carol.name] = world.server.oneTimeKeys[eve.name]
        let event = try world.say("not readable by Eve", alice, to: RoomMembers(joined: [carol.user]))
        #expect(carol.body(event, in: world.room) == nil)
        #expect(
            !world.server.toDeviceBodies.contains { $0["messages"]?.objectValue?[carol.user] != nil && isEncrypted($0) }
        )
    }

    private func isEncrypted(_ body: JSONObject) -> Bool {
        body["messages"]?.objectValue?.members.contains { user in
            user.value.objectValue?.members.contains { $0.value.objectValue?["ciphertext"] != nil } ?? false
        } ?? false
    }

    @Test func aMessageIsBoundToRoomSenderAndPlace() throws {
        let event = try world.say("original", bob)
        try world.syncAll()
        #expect(alice.body(event, in: world.room) == "original")
        #expect(alice.body(event, in: world.room) == "original")
        var replay = event
        replay["event_id"] = "$another"
        #expect(throws: DecryptionError.replay) { try alice.read(replay, in: world.room) }
        var later = event
        later["origin_server_ts"] = .integer(world.clock.time + 1)
        #expect(throws: DecryptionError.replay) { try alice.read(later, in: world.room) }
        try alice.restart()
        #expect(throws: DecryptionError.replay) { try alice.read(replay, in: world.room) }
        #expect(alice.body(event, in: world.room) == "original")
        var other = event
        other["sender"] = "@alice:example.org"
        #expect(throws: DecryptionError.senderMismatch) { try alice.read(other, in: world.room) }
        // Under another room's name the session is not even looked for.
        #expect(throws: DecryptionError.unknownSession(sessionID: session(event), withheld: nil)) {
            try alice.read(event, in: "!elsewhere:example.org")
        }
    }

    @Test func aSessionOfAnotherRoomDoesNotServe() throws {
        let event = try world.say("for one room", bob)
        try world.syncAll()
        var exported: [JSONObject] = []
        alice.machine.exportSessions(in: world.room) { exported.append($0) }
        let moved = exported.map { session -> JSONObject in
            var session = session
            session["room_id"] = "!elsewhere:example.org"
            return session
        }
        _ = try alice.act { $0.importSessions(moved, origin: .backup) }
        #expect(throws: DecryptionError.wrongRoom) { try alice.read(event, in: "!elsewhere:example.org") }
    }

    @Test func damagedCiphertextsAreRefused() throws {
        let event = try world.say("whole", bob)
        try world.syncAll()
        let text = try #require(event["content"]?.objectValue?["ciphertext"]?.stringValue)
        for position in stride(from: 0, to: text.utf8.count, by: 7) {
            var bytes = Array(text.utf8)
            bytes[position] = bytes[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            var content = try #require(event["content"]?.objectValue)
            content["ciphertext"] = .string(String(decoding: bytes, as: UTF8.self))
            var damaged = event
            damaged["content"] = .object(content)
            #expect(throws: DecryptionError.self) { try alice.read(damaged, in: world.room) }
        }
        #expect(alice.body(event, in: world.room) == "whole")
    }

    @Test func encryptionIsNeverSwitchedOff() throws {
        let removed: JSONObject = ["type": "m.room.encryption", "state_key": "", "content": .object(JSONObject())]
        let plain: JSONObject = [
            "type": "m.room.encryption", "state_key": "", "content": ["algorithm": "m.none"],
        ]
        for event in [removed, plain] {
            let news = try alice.act { $0.receiveStateEvents([event], in: world.room) }
            #expect(news == [.encryptionDowngraded(room: world.room)])
            #expect(alice.machine.encryption(of: world.room)?.isSupported == true)
        }
        let endless: JSONObject = [
            "type": "m.room.encryption", "state_key": "",
            "content": [
                "algorithm": "m.megolm.v1.aes-sha2", "rotation_period_ms": 9_007_199_254_740_991,
                "rotation_period_msgs": 9_007_199_254_740_991,
            ],
        ]
        _ = try alice.act { $0.receiveStateEvents([endless], in: world.room) }
        let encryption = try #require(alice.machine.encryption(of: world.room))
        #expect(encryption.rotationPeriodMessages == 10_000)
        #expect(encryption.rotationPeriodMilliseconds == 2_592_000_000)
        _ = try world.say("still encrypted", alice)
        // A room whose first word about encryption is not understood is not taken for a plain one.
        _ = try alice.act { $0.receiveStateEvents([plain], in: "!new:example.org") }
        #expect(
            try alice.act { try $0.prepareToSend(in: "!new:example.org", members: world.everybody) }
                == .blocked(.unsupportedAlgorithm))
    }

    @Test func theOwnDeviceIsGuarded() throws {
        let eve = try Host("@alice:example.org", "A1", FakeServer(), world.random, world.clock)
        world.server.deviceKeys[alice.name] = eve.machine.ownDeviceKeys
        world.server.noteChange(of: alice.user)
        try alice.sync()
        #expect(alice.takeNews().contains(.ownDeviceTampered))
    }

    @Test func replayedToDeviceMessagesDoNothing() throws {
        let event = try world.say("once", bob)
        let inbox = world.server.inboxes[alice.name] ?? []
        try alice.sync()
        #expect(alice.body(event, in: world.room) == "once")
        _ = alice.takeNews()
        for _ in 0..<3 {
            world.server.inboxes[alice.name] = inbox
            try alice.sync()
        }
        #expect(alice.takeNews().isEmpty)
        #expect(alice.machine.outgoingRequests().isEmpty)
    }

    @Test func brokenChannelsAreReplacedOnceAnHour() throws {
        // Bob loses his Olm sessions, as after an old copy of his disk.
        bob.records.damage(.olmSessions) { _ in [9] }
        try bob.restart()
        world.tell([world.member("@nobody:example.org", "leave")])
        _ = try alice.say("cannot be read yet", in: world.room, to: world.everybody)
        try bob.sync()
        #expect(bob.takeNews().contains(.undecryptableToDevice(sender: alice.user)))
        let claims = world.server.requestCounts[.claimKeys] ?? 0
        world.tell([world.member("@nobody:example.org", "leave")])
        _ = try alice.say("nor this", in: world.room, to: world.everybody)
        try bob.sync()
        #expect(world.server.requestCounts[.claimKeys] == claims)
        // The new session comes with an m.dummy, and is used from then on.
        try alice.sync()
        world.tell([world.member("@nobody:example.org", "leave")])
        let event = try world.say("can be read", alice)
        try bob.sync()
        #expect(bob.body(event, in: world.room) == "can be read")
    }

    @Test func garbageChangesNothing() throws {
        let content = try #require(try world.say("x", bob)["content"]?.objectValue)
        for _ in 0..<2_000 {
            var event = world.random.json()
            var inner = world.random.chance(50) ? content : world.random.json()
            for key in ["algorithm", "ciphertext", "session_id", "sender_key", "room_id", "code", "body", "action"]
            where world.random.chance(40) {
                inner[key] = world.random.element(interesting)
            }
            event["content"] = .object(inner)
            event["sender"] = world.random.chance(80) ? .string(bob.user) : world.random.element(interesting)
            event["type"] = world.random.element(types)
            event["state_key"] = world.random.chance(70) ? "" : world.random.element(interesting)
            event["event_id"] = "$x"
            event["origin_server_ts"] = 1
            _ = try alice.act { $0.receiveSync(SyncChanges(toDevice: [.object(event), .null, 5])) }
            _ = try alice.act { $0.receiveStateEvents([event], in: "!garbage:example.org") }
            _ = try? alice.read(event, in: world.room)
            _ = try alice.act { $0.importSessions([event, inner], origin: .imported) }
        }
        try garbageAnswers()
        let event = try world.say("still works", bob)
        try world.syncAll()
        #expect(alice.body(event, in: world.room) == "still works")
    }

    /// Every kind of request, answered with whatever comes.
    private func garbageAnswers() throws {
        for round in 0..<200 {
            try alice.act { $0.refreshDevices(of: [bob.user]) }
            world.server.oneTimeKeys[alice.name] = []
            _ = try alice.act { $0.receiveSync(SyncChanges(oneTimeKeyCounts: JSONObject())) }
            for request in alice.machine.outgoingRequests() where world.random.chance(50) {
                var answer = world.random.json()
                for key in ["device_keys", "one_time_keys", "one_time_key_counts", "master_keys", "failures"] {
                    answer[key] =
                        world.random.chance(50) ? .object(world.random.json()) : world.random.element(interesting)
                }
                if round % 3 == 0 {
                    answer["device_keys"] = .object(JSONObject(members: [(bob.user, .object(answer))]))
                }
                let status = world.random.element([200, 200, 200, 400, 403, 404, 500, 0, -1, 302]) ?? 200
                _ = try? alice.act { try $0.receive(answer.bytes(), status: status, for: request.id) }
                _ = try? alice.act { try $0.receive([0xFF, 0x00], status: 200, for: request.id) }
            }
        }
        world.clock.time += 86_400_000
        try alice.act { $0.refreshDevices(of: [bob.user, alice.user]) }
        try alice.sendRequests()
        try world.syncAll()
        // What was garbage may have said that devices are gone.
        try alice.act { $0.refreshDevices(of: [bob.user]) }
        try alice.sendRequests()
    }

    private var interesting: [JSONValue] {
        [
            .null, 0, -1, 9_007_199_254_740_991, "", "m.megolm.v1.aes-sha2", "m.olm.v1.curve25519-aes-sha2",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", .string(String(repeating: "A", count: 70_000)), [],
            .object(JSONObject()), "\u{0}", .string(bob.machine.curve25519Key), .string(alice.machine.curve25519Key),
            .object(
                JSONObject(members: [(alice.machine.curve25519Key, ["type": 0, "body": "AwohAAAAAAAAAAAA"])])),
            .object(JSONObject(members: [(alice.machine.curve25519Key, ["type": 1, "body": "AwogAAAA"])])),
            "request", "m.no_olm", "m.unverified",
        ]
    }

    private var types: [JSONValue] {
        [
            "m.room.encrypted", "m.room_key_request", "m.room_key.withheld", "m.room_key", "m.dummy",
            "m.room.encryption", "m.room.member", "m.room.history_visibility", "m.key.verification.request", .null,
        ]
    }
}
