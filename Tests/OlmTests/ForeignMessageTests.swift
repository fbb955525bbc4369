import Olm
import Primitives
import Testing
import UnpaddedBase64

/// Messages of other implementations, without them. The acceptance tests talk with them themselves.
@Suite struct ForeignMessageTests {
    @Test(arguments: ForeignSender.all)
    func areRead(_ sender: ForeignSender) throws {
        var account = try Account(pickle: #require(UnpaddedBase64.decode(ForeignSender.account)))
        let identityKey = try #require(Curve25519Key(base64: sender.identityKey))
        // The second message comes first.
        let messages = try sender.messages.map { try OlmMessage(type: 0, body: $0) }
        guard case .preKey(let preKey) = messages[1] else { return }
        var (session, plaintext) = try account.makeInboundSession(from: identityKey, preKey)
        #expect(session.sessionID == sender.sessionID)
        #expect(plaintext == Array(ForeignSender.plaintexts[1].utf8))
        for number in [2, 0] {
            #expect(try session.decrypt(messages[number]) == Array(ForeignSender.plaintexts[number].utf8))
        }
        #expect(account.oneTimeKeyCount == 1)
    }
}
