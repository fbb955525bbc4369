import CanonicalJSON
import CrossSigning
import EncryptionMachine
import Testing

/// https://spec.matrix.org/v1.19/client-server-api/#cross-signing
struct IdentityTests {
    private let world = World()
    private let alice: Host
    private let bob: Host

    init() throws {
        alice = try world.add("@alice:example.org", "A1")
        bob = try world.add("@bob:example.org", "B1")
        try world.syncAll()
    }

    @Test func aNewIdentitySignsTheDevice() throws {
        try alice.act { try $0.makeIdentity() }
        #expect(alice.machine.crossSigningStatus.isPending)
        try alice.sendRequests()
        try world.syncAll()
        #expect(alice.machine.crossSigningStatus.isComplete)
        #expect(alice.takeNews().contains(.crossSigningChanged))
        #expect(bob.machine.identity(of: alice.user)?.state == .unverified)
        #expect(bob.machine.device("A1", of: alice.user)?.trust == .crossSigned)
        #expect(throws: MachineError.self) { try alice.act { try $0.makeIdentity() } }
        // A restart changes nothing.
        let before = alice.machine.crossSigningStatus
        try alice.restart()
        #expect(alice.machine.crossSigningStatus == before)
    }

    @Test func thePasswordIsTheHostsBusiness() throws {
        world.server.trust.asksForPassword = true
        try alice.act { try $0.makeIdentity() }
        let request = try #require(alice.machine.outgoingRequests().first { $0.kind == .uploadSigningKeys })
        let refused = world.server.respond(to: request, from: alice.name)
        #expect(refused.status == 401)
        #expect(try alice.act { try $0.receive(refused.body, status: 401, for: request.id) }.isEmpty)
        #expect(alice.machine.crossSigningStatus.isPending)
        // Killed meanwhile: the same keys are offered again.
        try alice.restart()
        let again = try #require(alice.machine.outgoingRequests().first { $0.kind == .uploadSigningKeys })
        #expect(again == request)
        world.server.trust.asksForPassword = false
        try alice.sendRequests()
        #expect(alice.machine.crossSigningStatus.isVerified)
    }

    @Test func anAbandonedIdentityLeavesNothing() throws {
        try alice.act { try $0.makeIdentity() }
        try alice.act { $0.abandonNewIdentity() }
        try alice.sendRequests()
        #expect(world.server.masterKeys.isEmpty)
        #expect(!alice.machine.crossSigningStatus.hasIdentity)
        #expect(!alice.machine.crossSigningStatus.isPending)
    }

    @Test func aRefusedIdentityLeavesNothing() throws {
        try alice.act { try $0.makeIdentity() }
        let request = try #require(alice.machine.outgoingRequests().first { $0.kind == .uploadSigningKeys })
        let news = try alice.act {
            try $0.receive(Array(#"{"errcode":"M_FORBIDDEN"}"#.utf8), status: 403, for: request.id)
        }
        #expect(news.contains(.requestRefused(.uploadSigningKeys, status: 403, errorCode: "M_FORBIDDEN")))
        #expect(!alice.machine.crossSigningStatus.isPending)
        #expect(!alice.machine.crossSigningStatus.hasMasterKey)
    }

    @Test func aReplacedIdentityIsToldToOthers() throws {
        try alice.act { try $0.makeIdentity() }
        try alice.sendRequests()
        try world.syncAll()
        let first = try #require(bob.machine.identity(of: alice.user)?.masterKey)
        _ = bob.takeNews()
        try alice.act { try $0.makeIdentity(replacing: true) }
        try alice.sendRequests()
        try world.syncAll()
        #expect(bob.machine.identity(of: alice.user)?.masterKey != first)
        #expect(bob.machine.identity(of: alice.user)?.state == .changed)
        #expect(bob.takeNews().contains(.identityChanged(user: alice.user, wasVerified: false)))
        #expect(try bob.say("to whom?", in: world.room, to: world.everybody) == nil)
    }

    /// A server that shows an identity of its own: the device neither believes it nor forgets its keys.
    @Test func aServersIdentityIsNotTaken() throws {
        try alice.act { try $0.makeIdentity() }
        try alice.sendRequests()
        try world.syncAll()
        let (master, selfSigning, userSigning) = (
            world.server.masterKeys, world.server.selfSigningKeys, world.server.userSigningKeys
        )
        TestIdentity(alice.user, world.random.source).publish(on: world.server)
        world.server.noteChange(of: alice.user)
        _ = alice.takeNews()
        try alice.sync()
        #expect(alice.takeNews().contains(.identityChanged(user: alice.user, wasVerified: true)))
        #expect(!alice.machine.crossSigningStatus.isVerified)
        #expect(!alice.machine.crossSigningStatus.hasSelfSigningKey)
        world.server.masterKeys = master
        world.server.selfSigningKeys = selfSigning
        world.server.userSigningKeys = userSigning
        world.server.noteChange(of: alice.user)
        try alice.sync()
        #expect(alice.machine.crossSigningStatus.isVerified)
        #expect(alice.machine.crossSigningStatus.hasMasterKey)
    }
}
