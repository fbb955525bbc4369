import CanonicalJSON
import EncryptionMachine
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#key-requests
struct KeyRequestTests {
    private func session(_ event: JSONObject) -> String {
        event["content"]?.objectValue?["session_id"]?.stringValue ?? ""
    }

    @Test func aVerifiedDeviceOfTheSameUserIsGivenKeys() throws {
        let world = World()
        let bob = try world.add("@bob:example.org", "B1")
        let alice = try world.add("@alice:example.org", "A1")
        try world.syncAll()
        let event = try world.say("from before", bob)
        try world.syncAll()
        let second = try world.add("@alice:example.org", "A2")
        world.crossSign(alice.user)
        try world.syncAll()
        #expect(second.machine.device("A1", of: alice.user)?.trust == .verified)
        #expect(second.body(event, in: world.room) == nil)
        try second.sendRequests()
        try alice.sync()
        try second.sync()
        #expect(second.takeNews().contains(.sessionsReadable(room: world.room, sessionIDs: [session(event)])))
        let read = try second.read(event, in: world.room)
        #expect(read.content["body"]?.stringValue == "from before")
        #expect(read.origin == .forwarded(byDevice: "A1"))
        #expect(read.warning != nil)
        // Nothing is left to be asked, and the request was taken back.
        try world.syncAll()
        #expect(second.machine.outgoingRequests().isEmpty)
    }

    @Test func othersAreGivenNothing() throws {
        let world = World()
        let bob = try world.add("@bob:example.org", "B1")
        let alice = try world.add("@alice:example.org", "A1")
        try world.syncAll()
        let event = try world.say("secret", bob)
        try world.syncAll()
        // Not verified, and another user who claims to be a device of hers.
        try world.add("@alice:example.org", "A2")
        let eve = try world.add("@eve:example.org", "E1")
        try world.syncAll()
        let before = world.server.toDeviceBodies.count
        for (sender, device) in [("@alice:example.org", "A2"), ("@eve:example.org", "E1"), ("@eve:example.org", "A1")] {
            world.server.deliver(
                "m.room_key_request",
                [
                    "action": "request", "request_id": "r", "requesting_device_id": .string(device),
                    "body": [
                        "algorithm": "m.megolm.v1.aes-sha2", "room_id": .string(world.room),
                        "session_id": .string(session(event)),
                    ],
                ], from: sender, to: alice.name)
        }
        try alice.sync()
        #expect(world.server.toDeviceBodies.count == before)
        #expect(eve.body(event, in: world.room) == nil)
    }

    @Test func forwardedKeysThatNobodyAskedForAreRefused() throws {
        let world = World()
        let bob = try world.add("@bob:example.org", "B1")
        let alice = try world.add("@alice:example.org", "A1")
        try world.syncAll()
        let event = try world.say("secret", bob)
        try world.syncAll()
        let second = try world.add("@alice:example.org", "A2")
        world.crossSign(alice.user)
        try world.syncAll()
        // The request seems to come from the second device, which has asked nobody.
        world.server.deliver(
            "m.room_key_request",
            [
                "action": "request", "request_id": "r", "requesting_device_id": "A2",
                "body": [
                    "algorithm": "m.megolm.v1.aes-sha2", "room_id": .string(world.room),
                    "session_id": .string(session(event)),
                ],
            ], from: alice.user, to: alice.name)
        try alice.sync()
        try second.sync()
        #expect(second.machine.knownSession(session(event), in: world.room) == nil)
    }

    @Test func sessionsCanBeExportedAndImported() throws {
        let world = World()
        let bob = try world.add("@bob:example.org", "B1")
        let alice = try world.add("@alice:example.org", "A1")
        try world.syncAll()
        let event = try world.say("old", bob)
        try world.syncAll()
        var exported: [JSONObject] = []
        alice.machine.exportSessions { exported.append($0) }
        #expect(exported.count == 1)
        let second = try world.add("@alice:example.org", "A2")
        try second.act { $0.trackUsers([bob.user]) }
        try world.syncAll()
        #expect(second.body(event, in: world.room) == nil)
        var broken = exported[0]
        broken["session_id"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        let news = try second.act { $0.importSessions([broken, JSONObject()] + exported, origin: .backup) }
        #expect(news == [.sessionsReadable(room: world.room, sessionIDs: [session(event)])])
        let read = try second.read(event, in: world.room)
        #expect(read.origin == .backup)
        #expect(read.senderDevice == "B1")
        // The same again is no news.
        #expect(try second.act { $0.importSessions(exported, origin: .direct) }.isEmpty)
    }

    @Test func newcomersAreGivenHistory() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try world.syncAll()
        world.tell([world.historyVisibility("joined")])
        let hidden = try world.say("before it was shared", alice)
        world.tell([world.historyVisibility("shared")])
        let shared = try world.say("for those who come later", alice)
        let bob = try world.add("@bob:example.org", "B1")
        world.crossSign(bob.user)
        try world.add("@bob:example.org", "B2")
        try world.syncAll()
        let bundle = try #require(alice.machine.makeKeyBundle(in: world.room))
        let file: JSONObject = ["url": "mxc://example.org/bundle", "v": "v2"]
        for _ in 0..<10 {
            let readiness = try alice.act { try $0.shareKeyBundle(file, in: world.room, with: bob.user) }
            if readiness == .ready { break }
            try alice.sendRequests()
        }
        #expect(try alice.act { $0.outgoingRequests() }.isEmpty)
        try world.syncAll()
        #expect(bob.takeNews().contains(.keyBundleOffered(room: world.room, from: alice.user)))
        let unsigned = try #require(world.hosts.last)
        #expect(unsigned.machine.keyBundle(in: world.room, from: alice.user) == nil)
        try bob.restart()
        let offer = try #require(bob.machine.keyBundle(in: world.room, from: alice.user))
        #expect(offer.file == file)
        _ = try bob.act { try $0.importKeyBundle(bundle, in: world.room, from: alice.user) }
        let read = try bob.read(shared, in: world.room)
        #expect(read.content["body"]?.stringValue == "for those who come later")
        #expect(read.origin == .bundle(from: alice.user))
        let session = session(hidden)
        #expect(throws: DecryptionError.unknownSession(sessionID: session, withheld: .historyNotShared)) {
            try bob.read(hidden, in: world.room)
        }
        #expect(throws: MachineError.self) {
            try bob.act { try $0.importKeyBundle(bundle, in: world.room, from: alice.user) }
        }
    }
}
