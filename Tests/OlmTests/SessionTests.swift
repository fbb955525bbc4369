import Olm
import Primitives
import RandomJSON
import Testing

@Suite struct SessionTests {
    @Test func conversation() throws {
        var pair = try Pair()
        let random = pair.random
        let first = try pair.alice.encrypt(Array("안녕".utf8), random: random)
        #expect(first.type == 0)
        var (bob, plaintext) = try pair.bob(from: first)
        #expect(plaintext == Array("안녕".utf8))
        #expect(bob.sessionID == pair.alice.sessionID)
        #expect(bob.isEstablished && !pair.alice.isEstablished)
        // Until she hears of him, Alice goes on with pre-key messages.
        let second = try pair.alice.encrypt([2], random: random)
        #expect(second.type == 0)
        #expect(try bob.decrypt(second) == [2])
        for number in 0..<20 as Range<UInt8> {
            let answer = try bob.encrypt([number], random: random)
            #expect(answer.type == 1)
            #expect(try pair.alice.decrypt(answer) == [number])
            let question = try pair.alice.encrypt([number, number], random: random)
            #expect(question.type == 1)
            #expect(try bob.decrypt(question) == [number, number])
        }
    }

    @Test func plaintextsOfAllLengths() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        for count in [0, 1, 15, 16, 17, 31, 32, 1_000, 70_000] {
            let text = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            #expect(try bob.decrypt(alice.encrypt(text, random: pair.random)) == text)
        }
    }

    @Test func eachMessageOnce() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        let message = try alice.encrypt([1], random: pair.random)
        #expect(try bob.decrypt(message) == [1])
        #expect(throws: OlmError.missingMessageKey) { try bob.decrypt(message) }
    }

    @Test func reversedOrder() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        let messages = try (0..<40 as Range<UInt8>).map { try alice.encrypt([$0], random: pair.random) }
        for (number, message) in messages.enumerated().reversed() {
            #expect(try bob.decrypt(message) == [UInt8(number)])
        }
    }

    @Test func skippedKeysAreBounded() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        let messages = try (0..<100 as Range<UInt8>).map { try alice.encrypt([$0], random: pair.random) }
        #expect(try bob.decrypt(messages[99]) == [99])
        // The latest 40 that were skipped can still come.
        #expect(throws: OlmError.missingMessageKey) { try bob.decrypt(messages[58]) }
        #expect(try bob.decrypt(messages[59]) == [59])
        #expect(try bob.decrypt(messages[98]) == [98])
        let more = try (100..<121 as Range<UInt8>).map { try alice.encrypt([$0], random: pair.random) }
        #expect(try bob.decrypt(more[20]) == [120])
        #expect(throws: OlmError.missingMessageKey) { try bob.decrypt(messages[60]) }
        #expect(try bob.decrypt(more[0]) == [100])
        #expect(try Session(pickle: bob.pickle()).pickle() == bob.pickle())
    }

    @Test func gapsAreBounded() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        var messages: [OlmMessage] = []
        for _ in 0...2_001 { messages.append(try alice.encrypt([], random: pair.random)) }
        let before = bob.pickle()
        #expect(throws: OlmError.tooFarAhead) { try bob.decrypt(messages[2_001]) }
        #expect(bob.pickle() == before)
        #expect(try bob.decrypt(messages[2_000]) == [])
        #expect(try bob.decrypt(messages[2_001]) == [])
    }

    @Test func lateMessagesOfEarlierChains() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        var late: [OlmMessage] = []
        for number in 0..<7 as Range<UInt8> {
            late.append(try alice.encrypt([number], random: pair.random))
            _ = try bob.decrypt(alice.encrypt([], random: pair.random))
            _ = try alice.decrypt(bob.encrypt([], random: pair.random))
        }
        // Of seven chains the last five are kept.
        for number in 2..<7 { #expect(try bob.decrypt(late[number]) == [UInt8(number)]) }
        for number in 0..<2 { #expect(throws: OlmError.authenticationFailed) { try bob.decrypt(late[number]) } }
    }

    @Test func damageIsRefusedAndChangesNothing() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        _ = try alice.encrypt([], random: pair.random)
        for turn in 0..<2 {
            let message = try alice.encrypt(Array("text".utf8), random: pair.random)
            let before = bob.pickle()
            for index in message.bytes.indices {
                for bit in 0..<8 as Range<UInt8> {
                    var bytes = message.bytes
                    bytes[index] ^= 1 << bit
                    #expect(throws: OlmError.self) { try bob.decrypt(OlmMessage(type: 1, bytes: bytes)) }
                }
            }
            #expect(bob.pickle() == before)
            #expect(try bob.decrypt(message) == Array("text".utf8))
            // The second time it is the first message of a new chain.
            if turn == 0 { _ = try alice.decrypt(bob.encrypt([], random: pair.random)) }
        }
    }

    @Test func anothersMessagesAreRefused() throws {
        var pair = try Pair()
        var (alice, bob) = try pair.established()
        var other = try Pair(seed: 2)
        let preKey = try other.alice.encrypt([1], random: other.random)
        #expect(throws: OlmError.wrongSession) { try bob.decrypt(preKey) }
        var (strangers, _) = try other.established()
        let message = try strangers.encrypt([1], random: other.random)
        #expect(throws: OlmError.authenticationFailed) { try bob.decrypt(message) }
        // She has heard Bob's latest key and sent nothing since: he cannot have made another.
        #expect(throws: OlmError.unexpectedRatchetKey) { try alice.decrypt(message) }
        // Her own message comes back.
        #expect(throws: OlmError.self) { try alice.decrypt(alice.encrypt([], random: pair.random)) }
    }

    @Test func ratchetKeysOfSmallOrderAreRefused() throws {
        var pair = try Pair()
        let account = pair.aliceAccount
        let zeros = try #require(Curve25519Key([UInt8](repeating: 0, count: 32)))
        let some = pair.bobAccount.identityKey
        #expect(throws: OlmError.keyWithoutContribution) {
            try account.makeOutboundSession(to: zeros, oneTimeKey: some, random: pair.random)
        }
        #expect(throws: OlmError.keyWithoutContribution) {
            try account.makeOutboundSession(to: some, oneTimeKey: zeros, random: pair.random)
        }
        var (alice, bob) = try pair.established()
        // In a message of an established session: the key stands after version, tag and length.
        var bytes = try bob.encrypt([], random: pair.random).bytes
        bytes.replaceSubrange(3..<35, with: zeros.bytes)
        _ = try alice.encrypt([], random: pair.random)
        #expect(throws: OlmError.keyWithoutContribution) { try alice.decrypt(OlmMessage(type: 1, bytes: bytes)) }
    }

    @Test func picklesAreTheSession() throws {
        var generator = SeededGenerator.fresh()
        var pair = try Pair(seed: generator.next())
        var alice = try Session(pickle: pair.alice.pickle())
        var (bob, _) = try pair.bob(from: alice.encrypt([], random: pair.random))
        for _ in 0..<300 {
            let message: OlmMessage
            if generator.chance(50) {
                message = try alice.encrypt([1], random: pair.random)
                if generator.chance(70) { #expect(try bob.decrypt(message) == [1]) }
            } else {
                message = try bob.encrypt([2], random: pair.random)
                if generator.chance(70) { #expect(try alice.decrypt(message) == [2]) }
            }
            let pickle = alice.pickle()
            alice = try Session(pickle: pickle)
            #expect(alice.pickle() == pickle, "seed \(generator.seed)")
            bob = try Session(pickle: bob.pickle())
        }
    }

    @Test func damagedPicklesAreRefused() throws {
        var pair = try Pair()
        let (alice, bob) = try pair.established()
        for pickle in [alice.pickle(), bob.pickle(), pair.alice.pickle()] {
            for count in 0..<pickle.count {
                #expect(throws: OlmError.malformedPickle) { try Session(pickle: Array(pickle.prefix(count))) }
            }
            #expect(throws: OlmError.malformedPickle) { try Session(pickle: pickle + [0]) }
            #expect(throws: OlmError.malformedPickle) { try Session(pickle: [2] + pickle.dropFirst()) }
        }
    }
}
