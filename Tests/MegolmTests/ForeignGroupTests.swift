import Megolm
import Testing

/// Sessions of other implementations, without them. The acceptance tests talk with them themselves.
@Suite struct ForeignGroupTests {
    @Test(arguments: ForeignGroup.all)
    func areRead(_ group: ForeignGroup) throws {
        var session = InboundGroupSession(try SessionKey(base64: group.sessionKey))
        #expect(session.sessionID == group.sessionID)
        for (number, message) in group.messages.enumerated() {
            let decrypted = try session.decrypt(MegolmMessage(base64: message))
            #expect(decrypted.plaintext == Array(ForeignGroup.plaintexts[number].utf8))
            #expect(decrypted.index == number)
        }
        let export = try #require(session.export(at: 2))
        #expect(export.base64 == group.exportAtTwo)
        var later = InboundGroupSession(try ExportedSessionKey(base64: group.exportAtTwo))
        #expect(session.relation(to: later) == .better)
        #expect(try later.decrypt(MegolmMessage(base64: group.messages[2])).index == 2)
    }
}
