import CanonicalJSON
import EncryptionMachine
import KeyBackup
import Testing
import Verification

struct MachineVerificationTests {
    private let world = World()

    /// A second device, verified by emoji, gets everything: trust, signatures, the private keys, the backup's key.
    @Test func aNewDeviceOfTheSameUser() throws {
        let first = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.settle()
        try world.makeIdentity(first)
        try first.act { $0.makeBackup() }
        try world.settle()
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        #expect(second.machine.crossSigningStatus.hasIdentity)
        #expect(!second.machine.crossSigningStatus.isVerified)
        #expect(bob.machine.device("A2", of: first.user)?.trust == .unsigned)
        try world.compareEmoji(second, first, inRoom: false)
        for host in [first, second] {
            #expect(host.machine.crossSigningStatus.isComplete, "\(host.device)")
            #expect(host.machine.backupStatus.canRestore && host.machine.backupStatus.isTrusted, "\(host.device)")
        }
        #expect(first.machine.device("A2", of: first.user)?.trust == .verified)
        #expect(second.machine.device("A1", of: first.user)?.trust == .verified)
        #expect(bob.machine.device("A2", of: first.user)?.trust == .crossSigned)
    }

    @Test func aCodeFromANewDevice() throws {
        let first = try world.add("@alice:example.org", "A1")
        try world.settle()
        try world.makeIdentity(first)
        let second = try world.add("@alice:example.org", "A2")
        for host in [first, second] {
            try host.act { $0.setVerificationMethods(VerificationMethod.allCases) }
        }
        try world.settle()
        let flowID = try second.act { try $0.requestVerification(ofOwnDevices: nil) }
        try world.settle()
        _ = try first.act { $0.acceptVerification(flowID, with: first.user) }
        try world.settle()
        let code = try #require(try first.act { $0.verificationCode(flowID, with: first.user) })
        #expect(try second.act { $0.scannedCode(Array("something else".utf8), flowID, with: first.user) } == nil)
        _ = try #require(try second.act { $0.scannedCode(code, flowID, with: first.user) })
        try world.settle()
        #expect(world.flow(first)?.state == .codeScanned)
        _ = try first.act { $0.confirmScanned(flowID, with: first.user) }
        try world.settle()
        #expect(second.machine.crossSigningStatus.isVerified)
        #expect(second.machine.crossSigningStatus.isDeviceSigned)
        #expect(second.machine.crossSigningStatus.hasMasterKey)
        #expect(first.machine.device("A2", of: first.user)?.trust == .verified)
    }

    /// Two users in a room; what one device has verified, the user's other devices know.
    @Test func twoUsersInARoom() throws {
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.settle()
        try world.makeIdentity(alice)
        try world.makeIdentity(bob)
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        try world.compareEmoji(second, alice, inRoom: false)
        try world.compareEmoji(alice, bob, inRoom: true)
        #expect(alice.machine.identity(of: bob.user)?.state == .verified)
        #expect(bob.machine.identity(of: alice.user)?.state == .verified)
        #expect(second.machine.identity(of: bob.user)?.state == .verified)
        #expect(bob.machine.device("A2", of: alice.user)?.trust == .verified)
        // A verified identity that changes blocks, and says that it was verified.
        try bob.act { try $0.makeIdentity(replacing: true) }
        try world.settle()
        #expect(alice.machine.identity(of: bob.user)?.state == .changedAfterVerification)
        #expect(second.takeNews().contains(.identityChanged(user: bob.user, wasVerified: true)))
        #expect(try alice.say("to whom?", in: world.room, to: world.everybody) == nil)
        // Verifying again settles it.
        try world.compareEmoji(bob, alice, inRoom: true)
        #expect(alice.machine.identity(of: bob.user)?.state == .verified)
        #expect(try alice.say("to Bob", in: world.room, to: world.everybody) != nil)
    }

    /// A device that is verified later believes what the others have verified before.
    @Test func earlierVerificationsCountOnANewDevice() throws {
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.settle()
        try world.makeIdentity(alice)
        try world.makeIdentity(bob)
        try world.compareEmoji(alice, bob, inRoom: true)
        let second = try world.add("@alice:example.org", "A2")
        _ = try second.act { $0.trackUsers([bob.user]) }
        try world.settle()
        #expect(second.machine.identity(of: bob.user)?.state == .unverified)
        try world.compareEmoji(second, alice, inRoom: false)
        #expect(second.machine.identity(of: bob.user)?.state == .verified)
    }

    /// The sync may be faster than the answer to the request.
    @Test func theOthersAnswerMayComeBeforeTheServers() throws {
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.settle()
        try world.makeIdentity(alice)
        try world.makeIdentity(bob)
        try alice.act { try $0.requestVerification(of: bob.user, in: world.room, body: "verify?") }
        let request = try #require(alice.machine.outgoingRequests().first { $0.kind == .sendRoomEvent })
        world.server.trust.clock = world.clock.time
        let answer = world.server.respond(to: request, from: alice.name)
        try world.deliverRoomEventsOnly()
        let flowID = try #require(world.flow(bob)?.flowID)
        _ = try bob.act { $0.acceptVerification(flowID, with: alice.user) }
        try bob.sendRequests()
        try world.deliverRoomEventsOnly()
        #expect(alice.machine.verification(flowID, with: bob.user)?.state == .ready)
        _ = try alice.act { try $0.receive(answer.body, status: 200, for: request.id) }
        #expect(alice.machine.verifications.count == 1)
    }

    /// Two users, each with an identity, who see each other's emoji and have not answered yet.
    private func twoWhoCompare() throws -> (alice: Host, bob: Host, flowID: String) {
        let alice = try world.add("@alice:example.org", "A1")
        let bob = try world.add("@bob:example.org", "B1")
        try world.settle()
        try world.makeIdentity(alice)
        try world.makeIdentity(bob)
        try alice.act { try $0.requestVerification(of: bob.user, in: world.room, body: "verify?") }
        try world.settle()
        let flowID = try #require(world.flow(bob)?.flowID)
        _ = try bob.act { $0.acceptVerification(flowID, with: alice.user) }
        try world.settle()
        _ = try bob.act { $0.compareEmoji(flowID, with: alice.user) }
        try world.settle()
        return (alice, bob, flowID)
    }

    @Test func stringsThatDifferVerifyNothing() throws {
        let (alice, bob, flowID) = try twoWhoCompare()
        _ = try alice.act { $0.answerComparison(false, flowID, with: bob.user) }
        try world.settle()
        #expect(bob.machine.verification(flowID, with: alice.user)?.state == .cancelled(.mismatchedSAS, byOther: true))
        #expect(alice.machine.identity(of: bob.user)?.state == .unverified)
        #expect(bob.machine.identity(of: alice.user)?.state == .unverified)
    }

    /// The server changes the identity while people compare: what they compared is not what would be signed.
    @Test func anIdentityThatChangesMeanwhileIsNotVerified() throws {
        let (alice, bob, flowID) = try twoWhoCompare()
        TestIdentity(bob.user, world.random.source).publish(on: world.server)
        world.server.noteChange(of: bob.user)
        try world.settle()
        _ = try bob.act { $0.answerComparison(true, flowID, with: alice.user) }
        _ = try alice.act { $0.answerComparison(true, flowID, with: bob.user) }
        try world.settle()
        #expect(alice.machine.identity(of: bob.user)?.state == .changed)
    }

    @Test func aRequestFromADeviceThatIsNotKnownYetWaitsForIt() throws {
        let first = try world.add("@alice:example.org", "A1")
        try world.settle()
        try world.makeIdentity(first)
        let second = try world.add("@alice:example.org", "A2")
        // The first device learns of the second's existence only by its request.
        world.server.changed[first.name] = []
        try second.sync()
        let flowID = try second.act { try $0.requestVerification(ofOwnDevices: nil) }
        try second.sendRequests()
        world.server.changed[first.name] = []
        try first.sync()
        try first.sendRequests()
        #expect(first.machine.verification(flowID, with: first.user)?.state == .offered)
        #expect(first.takeNews().contains(.verificationChanged(user: first.user, flowID: flowID)))
    }

    @Test func requestsExpire() throws {
        let first = try world.add("@alice:example.org", "A1")
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        let flowID = try second.act { try $0.requestVerification(ofOwnDevices: nil) }
        try world.settle()
        world.clock.time += 10 * 60_000
        _ = second.takeNews()
        try world.settle()
        #expect(
            first.machine.verification(flowID, with: first.user)?.state == .cancelled(.timeout, byOther: false))
        #expect(
            second.machine.verification(flowID, with: first.user)?.state == .cancelled(.timeout, byOther: false))
        #expect(second.takeNews().contains(.verificationChanged(user: first.user, flowID: flowID)))
    }

    // MARK: Secrets

    @Test func secretsGoOnlyToVerifiedDevices() throws {
        let first = try world.add("@alice:example.org", "A1")
        try world.settle()
        try world.makeIdentity(first)
        let second = try world.add("@alice:example.org", "A2")
        let eve = try world.add("@eve:example.org", "E1")
        try world.settle()
        let before = world.server.toDeviceBodies.count
        for (sender, device) in [(first.user, "A2"), (eve.user, "E1"), (eve.user, "A1"), (first.user, "A1")] {
            world.server.deliver(
                "m.secret.request",
                [
                    "action": "request", "name": "m.cross_signing.master", "request_id": "r",
                    "requesting_device_id": .string(device),
                ], from: sender, to: first.name)
        }
        try first.sync()
        #expect(world.server.toDeviceBodies.count == before)
        _ = second
    }

    @Test func secretsThatNobodyAskedForAreIgnored() throws {
        let first = try world.add("@alice:example.org", "A1")
        try world.settle()
        try world.makeIdentity(first)
        let second = try world.add("@alice:example.org", "A2")
        try world.settle()
        world.server.deliver(
            "m.secret.send", ["request_id": "r", "secret": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"],
            from: first.user, to: second.name)
        try world.compareEmoji(second, first, inRoom: false)
        #expect(second.machine.crossSigningStatus.hasMasterKey)
        #expect(!second.machine.backupStatus.canRestore)
        // The same request again, as a server might replay it, is not answered twice.
        let before = world.server.toDeviceBodies.count
        for _ in 0..<5 {
            world.server.deliver(
                "m.secret.request",
                [
                    "action": "request", "name": "m.cross_signing.master", "request_id": "again",
                    "requesting_device_id": "A2",
                ], from: first.user, to: first.name)
        }
        try first.sync()
        #expect(world.server.toDeviceBodies.count == before + 1)
    }
}
