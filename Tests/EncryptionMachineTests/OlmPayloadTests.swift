import CanonicalJSON
import EncryptionMachine
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#validation-of-incoming-decrypted-events
struct OlmPayloadTests {
    private let world = World()
    private let alice: Host
    private let eve: ForeignDevice

    init() throws {
        alice = try world.add("@alice:example.org", "A1")
        eve = ForeignDevice("@eve:example.org", "E1", world.server, world.random)
        eve.publish()
        try alice.act { $0.trackUsers(["@eve:example.org"]) }
        try world.syncAll()
        _ = alice.takeNews()
    }

    private var payload: JSONObject { eve.payload("org.example.hello", ["text": "hi"], for: alice) }

    private func arrives(_ payload: JSONObject, as sender: String? = nil) throws -> Bool {
        try eve.send(payload, to: alice, as: sender)
        try alice.sync()
        return alice.takeNews().contains {
            if case .toDevice(let event) = $0 { return event.type == "org.example.hello" }
            return false
        }
    }

    @Test func honestOnesArrive() throws {
        #expect(try arrives(payload))
        var withKeys = payload
        withKeys["sender_device_keys"] = .object(eve.deviceKeys)
        #expect(try arrives(withKeys))
    }

    @Test func eachCheckRefuses() throws {
        #expect(try arrives(payload))
        let other = ForeignDevice("@eve:example.org", "E2", world.server, world.random)
        let changes: [(String, JSONValue?)] = [
            ("sender", "@bob:example.org"), ("sender", nil), ("recipient", "@bob:example.org"), ("recipient", nil),
            ("recipient_keys", ["ed25519": .string(other.account.signingKey.base64)]), ("recipient_keys", nil),
            ("keys", ["ed25519": .string(other.account.signingKey.base64)]), ("keys", nil), ("keys", [:]),
            ("type", nil), ("content", 5), ("sender_device_keys", .object(other.deviceKeys)),
            ("sender_device_keys", "x"),
        ]
        for (key, value) in changes {
            var forged = payload
            forged[key] = value
            #expect(try !arrives(forged), "\(key)")
        }
        // Keys of the device, changed after they were signed, or of another user.
        for (key, value) in [("user_id", "@bob:example.org"), ("device_id", "E9")] as [(String, JSONValue)] {
            var keys = eve.deviceKeys
            keys[key] = value
            var forged = payload
            forged["sender_device_keys"] = .object(keys)
            #expect(try !arrives(forged), "\(key)")
        }
        // The server says that somebody else has sent it.
        #expect(try !arrives(payload, as: "@bob:example.org"))
        #expect(try arrives(payload))
    }

    @Test func eventsWithoutDeviceKeysWaitForTheList() throws {
        let late = ForeignDevice("@late:example.org", "L1", world.server, world.random)
        for number in 0..<60 {
            try late.send(late.payload("org.example.hello", ["n": .integer(Int64(number))], for: alice), to: alice)
        }
        // The answer to the query waits; nothing is told yet, and nothing is lost by a restart.
        _ = try alice.act { $0.receiveSync(world.server.sync(alice.name)) }
        try alice.restart()
        late.publish()
        try alice.sync()
        let texts = alice.takeNews().compactMap { news -> Int64? in
            guard case .toDevice(let event) = news else { return nil }
            #expect(event.senderDevice == "L1")
            return event.content["n"]?.integerValue
        }
        #expect(texts == Array(0..<50))
    }

    @Test func eventsOfDevicesInNoListAreDropped() throws {
        let ghost = ForeignDevice("@ghost:example.org", "G1", world.server, world.random)
        try ghost.send(ghost.payload("org.example.hello", [:], for: alice), to: alice)
        try alice.sync()
        ghost.publish()
        try alice.sync()
        #expect(!alice.takeNews().contains { if case .toDevice = $0 { true } else { false } })
    }

    @Test func aSessionPassedOffAsOnesOwnTakesNobodysPlace() throws {
        let bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
        // Eve is in the room and hears Bob's key; Alice gets it from her first, as if it were hers.
        let members = RoomMembers(joined: [alice.user, bob.user, eve.name.user])
        let event = try world.say("Bob's words", bob, to: members)
        let heard = try #require(try eve.receive().first { $0["type"]?.stringValue == "m.room_key" })
        let content = try #require(heard["content"]?.objectValue)
        let honest = world.server.inboxes[alice.name] ?? []
        world.server.inboxes[alice.name] = []
        try eve.send(eve.payload("m.room_key", content, for: alice), to: alice)
        try alice.sync()
        #expect(throws: DecryptionError.senderMismatch) { try alice.read(event, in: world.room) }
        // The server shows Bob's ciphertext as hers: then the words are hers, and Bob's own event is no replay.
        var stolen = event
        stolen["sender"] = .string(eve.name.user)
        stolen["event_id"] = "$stolen"
        #expect(try alice.read(stolen, in: world.room).senderDevice == "E1")
        world.server.inboxes[alice.name] = honest
        try alice.sync()
        let read = try alice.read(event, in: world.room)
        #expect(read.senderDevice == "B1")
        #expect(read.origin == .direct)
        var again = event
        again["event_id"] = "$again"
        #expect(throws: DecryptionError.replay) { try alice.read(again, in: world.room) }
    }

    @Test func roomKeysInTheClearAreIgnored() throws {
        let bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
        let members = RoomMembers(joined: [bob.user, eve.name.user])
        let event = try world.say("x", bob, to: members)
        let heard = try #require(try eve.receive().first { $0["type"]?.stringValue == "m.room_key" })
        let content = try #require(heard["content"]?.objectValue)
        for type in ["m.room_key", "m.forwarded_room_key"] {
            world.server.deliver(type, content, from: bob.user, to: alice.name)
        }
        try alice.sync()
        let session = try #require(event["content"]?.objectValue?["session_id"]?.stringValue)
        #expect(alice.machine.knownSession(session, in: world.room) == nil)
        #expect(alice.takeNews().isEmpty)
    }
}
