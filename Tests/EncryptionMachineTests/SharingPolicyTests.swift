import CanonicalJSON
import EncryptionMachine
import Testing

/// Who is given room keys, and what the others are told.
struct SharingPolicyTests {
    private let world = World()
    private let alice: Host
    private let bob: Host
    private let unsigned: Host

    /// Bob has an identity, and a device that it has not signed.
    init() throws {
        alice = try world.add("@alice:example.org", "A1")
        bob = try world.add("@bob:example.org", "B1")
        world.crossSign(bob.user)
        unsigned = try world.add("@bob:example.org", "B2")
        try world.syncAll()
    }

    @Test func unsignedDevicesOfUsersWithAnIdentityGetNothing() throws {
        let event = try world.say("for signed devices", alice)
        try world.syncAll()
        #expect(bob.body(event, in: world.room) == "for signed devices")
        let session = try #require(event["content"]?.objectValue?["session_id"]?.stringValue)
        #expect(throws: DecryptionError.unknownSession(sessionID: session, withheld: .unverified)) {
            try unsigned.read(event, in: world.room)
        }
        #expect(
            unsigned.takeNews().contains(.sessionWithheld(room: world.room, sessionID: session, .unverified)))
        // They are told once, not with each message.
        _ = try world.say("again", alice)
        try world.syncAll()
        #expect(!unsigned.takeNews().contains(.sessionWithheld(room: world.room, sessionID: session, .unverified)))
    }

    @Test func aDeviceThatIsSignedLaterReadsFromThenOn() throws {
        let before = try world.say("before", alice)
        try #require(world.identities[bob.user]).sign(device: "B2", on: world.server)
        try world.syncAll()
        let after = try world.say("after", alice)
        try world.syncAll()
        #expect(unsigned.body(after, in: world.room) == "after")
        #expect(unsigned.body(before, in: world.room) == nil)
    }

    @Test func everyDeviceWhenThePersonWantsIt() throws {
        alice.machine.sharingPolicy = .allDevices
        alice.commit()
        try alice.restart()
        #expect(alice.machine.sharingPolicy == .allDevices)
        let event = try world.say("for all", alice)
        try world.syncAll()
        #expect(unsigned.body(event, in: world.room) == "for all")
    }

    @Test func onlyVerifiedUsers() throws {
        alice.machine.sharingPolicy = .verifiedUsers
        alice.commit()
        let event = try world.say("for nobody", alice)
        try world.syncAll()
        #expect(bob.body(event, in: world.room) == nil)
        let own = world.crossSign(alice.user)
        own.verify(try #require(world.identities[bob.user]), on: world.server)
        try world.syncAll()
        try world.syncAll()
        #expect(alice.machine.identity(of: bob.user)?.state == .verified)
        #expect(alice.machine.device("B1", of: bob.user)?.trust == .verified)
        #expect(alice.machine.device("B2", of: bob.user)?.trust == .unsigned)
        let second = try world.say("for the verified", alice)
        try world.syncAll()
        #expect(bob.body(second, in: world.room) == "for the verified")
        #expect(unsigned.body(second, in: world.room) == nil)
    }

    @Test func blacklistedDevicesGetNothingAndLoseWhatTheyHad() throws {
        let first = try world.say("first", alice)
        try alice.act { try $0.setLocalTrust(.blacklisted, device: "B1", of: bob.user) }
        let second = try world.say("second", alice)
        try world.syncAll()
        #expect(bob.body(first, in: world.room) == "first")
        let session = try #require(second["content"]?.objectValue?["session_id"]?.stringValue)
        #expect(throws: DecryptionError.unknownSession(sessionID: session, withheld: .blacklisted)) {
            try bob.read(second, in: world.room)
        }
    }

    @Test func aDeviceWithoutOneTimeKeysHoldsUpNobody() throws {
        alice.machine.sharingPolicy = .allDevices
        alice.commit()
        world.server.oneTimeKeys[unsigned.name] = []
        world.server.fallbackKeys[unsigned.name] = nil
        let event = try world.say("go on", alice)
        try bob.sync()
        #expect(bob.body(event, in: world.room) == "go on")
        // It is told once that no channel could be made, offers one itself, and is given the key with the next message.
        try unsigned.sync()
        try alice.sync()
        world.clock.time += 3_600_000
        let next = try world.say("next", alice)
        try world.syncAll()
        #expect(unsigned.body(next, in: world.room) == "next")
    }

    @Test func warningsSayHowFarAMessageCanBeBelieved() throws {
        let fromSigned = try world.say("signed", bob)
        unsigned.machine.sharingPolicy = .allDevices
        unsigned.commit()
        let fromUnsigned = try world.say("unsigned", unsigned)
        try world.syncAll()
        #expect(try alice.read(fromSigned, in: world.room).warning == nil)
        #expect(try alice.read(fromSigned, in: world.room).senderTrust == .crossSigned)
        #expect(try alice.read(fromUnsigned, in: world.room).warning == .unsignedDevice)
        // A device that is gone is still known.
        world.server.remove(bob.name)
        try alice.sync()
        #expect(try alice.read(fromSigned, in: world.room).senderTrust == .crossSigned)
    }
}
