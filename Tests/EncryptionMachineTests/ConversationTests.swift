import CanonicalJSON
import EncryptionMachine
import Testing

/// What two and more devices do with each other when everybody is honest.
struct ConversationTests {
    @Test func devicesReadWhatTheyAreSent() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
        let event = try world.say("Good morning", alice)
        try world.syncAll()
        let read = try bob.read(event, in: world.room)
        #expect(read.content["body"]?.stringValue == "Good morning")
        #expect(read.type == "m.room.message")
        #expect(read.senderDevice == "A1")
        #expect(read.origin == .direct)
        #expect(read.senderTrust == .unsigned)
        #expect(read.warning == .unsignedDevice)
        #expect(alice.body(event, in: world.room) == "Good morning")
        let answer = try world.say("안녕", bob)
        try world.syncAll()
        #expect(alice.body(answer, in: world.room) == "안녕")
    }

    @Test func relationsStayInTheClear() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try world.syncAll()
        _ = try world.say("first", alice)
        let relation: JSONValue = ["rel_type": "m.thread", "event_id": "$root"]
        let content = try alice.act {
            try $0.encrypt(["body": "x", "m.relates_to": relation], type: "m.room.message", in: world.room)
        }
        #expect(content["m.relates_to"] == relation)
        let event: JSONObject = [
            "type": "m.room.encrypted", "sender": "@alice:example.org", "event_id": "$e", "origin_server_ts": 5,
            "content": .object(content),
        ]
        #expect(try alice.read(event, in: world.room).content["m.relates_to"] == relation)
        // The server sees the relation, so what it takes away is gone.
        var stripped = content
        stripped["m.relates_to"] = nil
        var without = event
        without["content"] = .object(stripped)
        #expect(try alice.read(without, in: world.room).content["m.relates_to"] == nil)
    }

    @Test func oneTimeKeysAreKeptAtFifty() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        #expect(world.server.oneTimeKeys[alice.name]?.count == 50)
        #expect(world.server.fallbackKeys[alice.name] != nil)
        world.server.oneTimeKeys[alice.name]?.removeFirst(30)
        try alice.sync()
        #expect(world.server.oneTimeKeys[alice.name]?.count == 50)
        let first = world.server.fallbackKeys[alice.name]?.name
        world.server.fallbackKeys[alice.name]?.isUsed = true
        try alice.sync()
        #expect(world.server.fallbackKeys[alice.name]?.name != first)
    }

    @Test func aFallbackKeyServesManySessions() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        world.server.oneTimeKeys[alice.name] = []
        for number in 0..<3 {
            let other = try world.add("@user\(number):example.org", "D\(number)")
            try other.sync()
            let event = try world.say("hello \(number)", other)
            try alice.sync()
            world.server.oneTimeKeys[alice.name] = []
            #expect(alice.body(event, in: world.room) == "hello \(number)")
        }
    }

    @Test func sessionsRotateByMessagesTimeAndMembership() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
        world.tell([world.encryption(messages: 3)])
        func session(_ event: JSONObject) -> String? { event["content"]?.objectValue?["session_id"]?.stringValue }
        let sessions = try (0..<7).map { session(try world.say("\($0)", alice)) }
        #expect(Set(sessions.prefix(3)).count == 1)
        #expect(Set(sessions[3..<6]).count == 1)
        #expect(Set(sessions).count == 3)
        world.clock.time += 8 * 86_400_000
        let afterWeek = session(try world.say("later", alice))
        #expect(afterWeek != sessions[6])
        world.tell([world.member(bob.user, "leave")])
        let afterLeave = session(try world.say("bob is gone", alice, to: RoomMembers(joined: [alice.user])))
        #expect(afterLeave != afterWeek)
        // Without any member event: the list of members says it.
        _ = try world.say("back", alice)
        let together = session(try world.say("together", alice))
        let alone = try world.say("alone", alice, to: RoomMembers(joined: [alice.user]))
        #expect(session(alone) != together)
        try world.syncAll()
        #expect(bob.body(alone, in: world.room) == nil)
    }

    @Test func aRemovedDeviceMakesTheSessionOld() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try world.add("@bob:example.org", "B1")
        let second = try world.add("@bob:example.org", "B2")
        try world.syncAll()
        let before = try world.say("to both", alice)
        try world.syncAll()
        #expect(second.body(before, in: world.room) == "to both")
        world.server.remove(second.name)
        try alice.sync()
        let after = try world.say("to one", alice)
        #expect(before["content"]?.objectValue?["session_id"] != after["content"]?.objectValue?["session_id"])
        #expect(alice.machine.devices(of: "@bob:example.org").map(\.deviceID) == ["B1"])
    }

    @Test func historyVisibilityDecidesAboutTheInvited() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
        let members = RoomMembers(joined: [alice.user], invited: [bob.user])
        world.tell([world.historyVisibility("joined")])
        let hidden = try world.say("not for the invited", alice, to: members)
        try world.syncAll()
        #expect(bob.body(hidden, in: world.room) == nil)
        world.tell([world.historyVisibility("invited")])
        let shown = try world.say("for the invited", alice, to: members)
        try world.syncAll()
        #expect(bob.body(shown, in: world.room) == "for the invited")
        let session = try #require(shown["content"]?.objectValue?["session_id"]?.stringValue)
        #expect(bob.machine.knownSession(session, in: world.room)?.sharesHistory == false)
        world.tell([world.historyVisibility("shared")])
        let shared = try world.say("for those who come later too", alice, to: members)
        try world.syncAll()
        let other = try #require(shared["content"]?.objectValue?["session_id"]?.stringValue)
        #expect(other != session)
        #expect(bob.machine.knownSession(other, in: world.room)?.sharesHistory == true)
    }

    @Test func aDeviceThatComesLaterReadsFromThenOn() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
        let before = try world.say("before", alice)
        let late = try world.add("@bob:example.org", "B2")
        try world.syncAll()
        let after = try world.say("after", alice)
        try world.syncAll()
        #expect(bob.body(before, in: world.room) == "before")
        #expect(late.body(after, in: world.room) == "after")
        let session = try #require(after["content"]?.objectValue?["session_id"]?.stringValue)
        #expect(throws: DecryptionError.beforeFirstKnownIndex(sessionID: session, withheld: nil)) {
            try late.read(before, in: world.room)
        }
    }

    @Test func requestsAreTheSameUntilTheyAreAnswered() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        try world.add("@bob:example.org", "B1")
        try alice.sync()
        _ = try alice.act { try $0.prepareToSend(in: world.room, members: world.everybody) }
        let first = alice.machine.outgoingRequests()
        alice.commit()
        #expect(!first.isEmpty)
        try alice.restart()
        #expect(alice.machine.outgoingRequests() == first)
        // A failing server changes nothing either.
        for request in first {
            for status in [500, 502, 429, 401] {
                #expect(try alice.act { try $0.receive([], status: status, for: request.id) }.isEmpty)
            }
        }
        #expect(alice.machine.outgoingRequests() == first)
    }

    @Test func recordsBelongToOneDevice() throws {
        let world = World()
        let alice = try world.add("@alice:example.org", "A1")
        #expect {
            _ = try EncryptionMachine(
                userID: "@alice:example.org", deviceID: "A2", records: alice.records, now: { 0 },
                random: world.random.source)
        } throws: { ($0 as? MachineError)?.code == .otherAccount }
        alice.records.damage(.account) { Array($0.dropLast(40)) }
        #expect(throws: MachineError.self) { try alice.restart() }
    }
}
