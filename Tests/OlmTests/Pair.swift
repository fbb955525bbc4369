import Olm
import Primitives
import RandomJSON

/// Chance that can be repeated from a seed.
func seeded(_ seed: UInt64) -> RandomSource {
    let stream = SeededStream(seed: seed)
    return RandomSource { stream.bytes($0) }
}

private final class SeededStream: @unchecked Sendable {
    // Tests draw from one task.
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}

/// Two devices with a session that Alice has made and Bob has not heard of yet.
struct Pair {
    let random: RandomSource
    var aliceAccount: Account
    var bobAccount: Account
    var alice: Session

    init(seed: UInt64 = 1, byFallbackKey: Bool = false) throws {
        random = seeded(seed)
        aliceAccount = Account(random: random)
        bobAccount = Account(random: random)
        bobAccount.makeOneTimeKeys(2, random: random)
        bobAccount.makeFallbackKey(random: random)
        let key = byFallbackKey ? bobAccount.unpublishedFallbackKey : bobAccount.unpublishedOneTimeKeys.first
        guard let key else { preconditionFailure("Bob has made keys") }
        bobAccount.markAllAsPublished()
        alice = try aliceAccount.makeOutboundSession(
            to: bobAccount.identityKey, oneTimeKey: key.publicKey, random: random)
    }

    /// Bob's session, from a message of Alice's.
    mutating func bob(from message: OlmMessage) throws -> (session: Session, plaintext: [UInt8]) {
        guard case .preKey(let preKey) = message else { preconditionFailure("Bob needs a pre-key message") }
        return try bobAccount.makeInboundSession(from: aliceAccount.identityKey, preKey)
    }

    /// Both sides' sessions after a word from Alice and one from Bob.
    mutating func established() throws -> (alice: Session, bob: Session) {
        var (bob, _) = try bob(from: alice.encrypt([1], random: random))
        _ = try alice.decrypt(bob.encrypt([2], random: random))
        return (alice, bob)
    }
}
