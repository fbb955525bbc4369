import Olm
import Primitives
import Testing

@Suite struct AccountTests {
    @Test func signatures() {
        let account = Account(random: seeded(1))
        #expect(account.signingKey.isValid(signature: account.sign([1, 2]), for: [1, 2]))
    }

    @Test func oneTimeKeysHaveNamesOfTheirOwn() {
        var account = Account(random: seeded(1))
        account.makeOneTimeKeys(3, random: seeded(2))
        account.makeFallbackKey(random: seeded(3))
        let keys = account.unpublishedOneTimeKeys
        #expect(keys.map(\.keyID) == ["AAAAAAAAAAA", "AAAAAAAAAAE", "AAAAAAAAAAI"])
        #expect(account.unpublishedFallbackKey?.keyID == "AAAAAAAAAAM")
        #expect(Set(keys.map(\.publicKey)).count == 3)
        account.markAsPublished([keys[1]])
        #expect(account.unpublishedOneTimeKeys.map(\.keyID) == ["AAAAAAAAAAA", "AAAAAAAAAAI"])
        // A key made while the others were on their way to the server is not marked with them.
        account.makeOneTimeKeys(1, random: seeded(4))
        account.markAsPublished(keys)
        #expect(account.unpublishedOneTimeKeys.map(\.keyID) == ["AAAAAAAAAAQ"])
        account.markAllAsPublished()
        #expect(account.unpublishedOneTimeKeys.isEmpty)
        #expect(account.unpublishedFallbackKey == nil)
        #expect(account.oneTimeKeyCount == 4)
    }

    @Test func keysAreBounded() {
        let random = seeded(5)
        var account = Account(random: random)
        account.makeOneTimeKeys(-5, random: random)
        #expect(account.oneTimeKeyCount == 0)
        account.makeOneTimeKeys(.max, random: random)
        #expect(account.oneTimeKeyCount == Account.maximumNewOneTimeKeys)
        for _ in 0..<50 { account.makeOneTimeKeys(100, random: random) }
        #expect(account.oneTimeKeyCount == Account.maximumKeptOneTimeKeys)
        // The oldest hundred are gone.
        #expect(account.unpublishedOneTimeKeys.first?.keyID == "AAAAAAAAAGQ")
    }

    @Test func aOneTimeKeyServesOnce() throws {
        var pair = try Pair()
        let message = try pair.alice.encrypt([1], random: pair.random)
        _ = try pair.bob(from: message)
        #expect(pair.bobAccount.oneTimeKeyCount == 1)
        #expect(throws: OlmError.unknownOneTimeKey) { try pair.bob(from: message) }
    }

    @Test func aDamagedMessageDoesNotTakeTheKey() throws {
        var pair = try Pair()
        let message = try pair.alice.encrypt([1], random: pair.random)
        let before = pair.bobAccount.pickle()
        for index in message.bytes.indices {
            var bytes = message.bytes
            bytes[index] ^= 1
            #expect(throws: OlmError.self) { try pair.bob(from: OlmMessage(type: 0, bytes: bytes)) }
        }
        #expect(pair.bobAccount.pickle() == before)
        #expect(try pair.bob(from: message).plaintext == [1])
    }

    @Test func theSenderMustBeTheOneNamed() throws {
        var pair = try Pair()
        guard case .preKey(let message) = try pair.alice.encrypt([1], random: pair.random) else { return }
        #expect(throws: OlmError.wrongIdentityKey) {
            try pair.bobAccount.makeInboundSession(from: pair.bobAccount.identityKey, message)
        }
        #expect(pair.bobAccount.oneTimeKeyCount == 2)
    }

    @Test func fallbackKeysStayAndTheOneBeforeToo() throws {
        var pair = try Pair(byFallbackKey: true)
        let message = try pair.alice.encrypt([1], random: pair.random)
        #expect(try pair.bob(from: message).plaintext == [1])
        pair.bobAccount.makeFallbackKey(random: pair.random)
        #expect(pair.bobAccount.hasPreviousFallbackKey)
        #expect(pair.bobAccount.unpublishedFallbackKey != nil)
        #expect(try pair.bob(from: message).plaintext == [1])
        var later = pair
        later.bobAccount.makeFallbackKey(random: pair.random)
        #expect(throws: OlmError.unknownOneTimeKey) { try later.bob(from: message) }
        pair.bobAccount.forgetPreviousFallbackKey()
        #expect(!pair.bobAccount.hasPreviousFallbackKey)
        #expect(throws: OlmError.unknownOneTimeKey) { try pair.bob(from: message) }
    }

    @Test func picklesAreTheAccount() throws {
        var pair = try Pair()
        pair.bobAccount.makeFallbackKey(random: pair.random)
        let pickle = pair.bobAccount.pickle()
        let account = try Account(pickle: pickle)
        #expect(account.pickle() == pickle)
        #expect(account.identityKey == pair.bobAccount.identityKey)
        #expect(account.signingKey == pair.bobAccount.signingKey)
        #expect(account.unpublishedFallbackKey?.keyID == pair.bobAccount.unpublishedFallbackKey?.keyID)
        pair.bobAccount = account
        #expect(try pair.bob(from: pair.alice.encrypt([1], random: pair.random)).plaintext == [1])
        for count in 0..<pickle.count {
            #expect(throws: OlmError.malformedPickle) { try Account(pickle: Array(pickle.prefix(count))) }
        }
        #expect(throws: OlmError.malformedPickle) { try Account(pickle: pickle + [0]) }
    }
}
