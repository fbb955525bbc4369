import Megolm
import Olm
import Primitives

/// Something that is done again and again.
struct Benchmark {
    let name: String
    /// Does it so many times.
    let run: (Int) throws -> Void

    /// What is encrypted: as long as a message in a room mostly is.
    private static let plaintext = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
    private static let batch = 200
    private static let rounds = 20

    /// Of one operation: the best of some rounds, because whatever else the machine does only adds.
    func microseconds() throws -> Double {
        var best = Duration.seconds(1_000)
        for _ in 0..<Self.rounds {
            best = min(best, try ContinuousClock().measure { try run(Self.batch) })
        }
        return (best / Self.batch / .microseconds(1) * 100).rounded() / 100
    }

    static func all() throws -> [Benchmark] {
        try olm() + megolm() + primitives()
    }

    private static func olm() throws -> [Benchmark] {
        let random = RandomSource.system
        let alice = Account(random: random)
        var bob = Account(random: random)
        bob.makeFallbackKey(random: random)
        guard let key = bob.unpublishedFallbackKey else { return [] }
        let (account, identityKey) = (bob, bob.identityKey)
        let session = try alice.makeOutboundSession(to: identityKey, oneTimeKey: key.publicKey, random: random)
        var first = session
        guard case .preKey(let message) = try first.encrypt(plaintext, random: random) else { return [] }
        var established = try bob.makeInboundSession(from: alice.identityKey, message).session
        _ = try first.decrypt(established.encrypt(plaintext, random: random))
        let (pairFirst, pairSecond) = (first, established)
        return [
            Benchmark(name: "olm: a one-time key") { count in
                var account = Account(random: random)
                account.makeOneTimeKeys(count / 2, random: random)
                account.makeOneTimeKeys(count - count / 2, random: random)
            },
            Benchmark(name: "olm: new session") { count in
                for _ in 0..<count {
                    _ = try alice.makeOutboundSession(to: identityKey, oneTimeKey: key.publicKey, random: random)
                }
            },
            Benchmark(name: "olm: session from a pre-key message") { count in
                var bob = account
                for _ in 0..<count { _ = try bob.makeInboundSession(from: alice.identityKey, message) }
            },
            Benchmark(name: "olm: encrypt") { count in
                var session = pairFirst
                for _ in 0..<count { _ = try session.encrypt(plaintext, random: random) }
            },
            Benchmark(name: "olm: encrypt and decrypt") { count in
                var (first, second) = (pairFirst, pairSecond)
                for _ in 0..<count { _ = try second.decrypt(first.encrypt(plaintext, random: random)) }
            },
            Benchmark(name: "olm: a message and its answer") { count in
                var (first, second) = (pairFirst, pairSecond)
                for _ in 0..<count {
                    _ = try second.decrypt(first.encrypt(plaintext, random: random))
                    _ = try first.decrypt(second.encrypt(plaintext, random: random))
                }
            },
            Benchmark(name: "olm: pickle and back") { count in
                for _ in 0..<count { _ = try Session(pickle: pairFirst.pickle()) }
            },
        ]
    }

    private static func megolm() throws -> [Benchmark] {
        let sender = OutboundGroupSession(random: .system)
        let key = sender.sessionKey
        let keyText = key.base64
        var advancing = sender
        let messages = try (0..<batch).map { _ in try advancing.encrypt(plaintext).bytes }
        return [
            Benchmark(name: "megolm: new session") { count in
                for _ in 0..<count { _ = OutboundGroupSession(random: .system) }
            },
            Benchmark(name: "megolm: session from its key") { count in
                for _ in 0..<count { _ = InboundGroupSession(try SessionKey(base64: keyText)) }
            },
            Benchmark(name: "megolm: encrypt") { count in
                var session = sender
                for _ in 0..<count { _ = try session.encrypt(plaintext) }
            },
            Benchmark(name: "megolm: decrypt") { count in
                var session = InboundGroupSession(key)
                for number in 0..<count { _ = try session.decrypt(MegolmMessage(messages[number % batch])) }
            },
            Benchmark(name: "megolm: export at 2^24 - 1") { count in
                let session = InboundGroupSession(key)
                for _ in 0..<count { _ = session.export(at: (1 << 24) - 1) }
            },
        ]
    }

    private static func primitives() throws -> [Benchmark] {
        let secret = [UInt8](repeating: 7, count: 32)
        guard let signing = Ed25519KeyPair(seed: secret), let agreement = Curve25519KeyPair(secret: secret) else {
            return []
        }
        let signature = signing.sign(plaintext)
        return [
            Benchmark(name: "primitives: Ed25519 sign") { count in
                for _ in 0..<count { _ = signing.sign(plaintext) }
            },
            Benchmark(name: "primitives: Ed25519 check") { count in
                for _ in 0..<count { _ = signing.publicKey.isValid(signature: signature, for: plaintext) }
            },
            Benchmark(name: "primitives: X25519 agree") { count in
                for _ in 0..<count { _ = try agreement.agree(with: agreement.publicKey) }
            },
            Benchmark(name: "primitives: X25519 new key") { count in
                for _ in 0..<count { _ = Curve25519KeyPair(random: .system) }
            },
            Benchmark(name: "primitives: HMAC-SHA-256 of a byte") { count in
                for _ in 0..<count { _ = HMACSHA256.authenticate([1], key: secret) }
            },
            Benchmark(name: "primitives: HKDF of 80 bytes") { count in
                for _ in 0..<count { _ = HKDFSHA256.derive(from: secret, salt: [], info: secret, count: 80) }
            },
            Benchmark(name: "primitives: AES-256-CBC of 300 bytes") { count in
                for _ in 0..<count { _ = AES256CBC.encrypt(plaintext, key: secret, iv: Array(secret[..<16])) }
            },
        ]
    }
}
