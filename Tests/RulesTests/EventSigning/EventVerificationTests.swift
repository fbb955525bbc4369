import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules
import Testing

struct EventVerificationTests {
    private let serverName = ServerName("a")!
    private let key = SigningKey.generate(version: "1")

    private func signedEvent() throws -> JSONObject {
        let content: JSONObject = ["body": "hello", "msgtype": "m.text"]
        let builder = EventBuilder(serverName: serverName, key: key)
        let hashed = builder.hashed(
            EventTemplate(
                roomID: RoomID("!room:a"), type: EventType.roomMessage, stateKey: nil, sender: UserID("@a:a")!,
                content: content, contentBytes: content.bytes(), originServerTimestamp: 1, depth: 1, authEvents: [],
                prevEvents: []), rules: .v11)
        return try #require(try JSONParser.parse(try builder.signed(hashed).bytes).objectValue)
    }

    private func failure(_ event: JSONObject) -> SigningError.Code? {
        do throws(SigningError) {
            _ = try EventVerification.verify(
                event, rules: .v11, serverName: serverName, keyID: key.keyID,
                key: VerifyKey(publicKey: key.publicKey)!)
            return nil
        } catch { return error.code }
    }

    @Test func theEventAsItWasSignedHolds() throws { #expect(failure(try signedEvent()) == nil) }

    /// Rule 47.
    @Test func redactionBreaksTheContentHashOnly() throws {
        let event = try signedEvent()
        let redacted = Redaction.redact(event, rules: .v11)
        #expect(failure(redacted) == .contentHashMismatch)
        #expect(try EventHash.eventID(of: redacted, rules: .v11) == EventHash.eventID(of: event, rules: .v11))
    }

    /// Rules 47 and 55.
    @Test func whateverElseChangesBreaksTheSignature() throws {
        for (key, value) in [
            ("sender", JSONValue.string("@b:a")), ("depth", 2), ("type", "m.other"), ("state_key", ""),
        ] {
            var event = try signedEvent()
            event[key] = value
            #expect(failure(event) == .invalidSignature, "\(key)")
        }
        var event = try signedEvent()
        event["hashes"] = [:]
        #expect(failure(event) == .invalidSignature)
    }

    @Test func contentThatIsNotCanonicalIsNotHashed() throws {
        var event = try signedEvent()
        event["content"] = ["body": .number(literal: "1.5")]
        #expect(failure(event) == .notCanonical)
    }

    /// Rule 45.
    @Test func restrictedJoinsAreSignedByTheAuthorisingServerToo() {
        let room = TestRoom(.v12)
        let via = room.membership("@new:b", "join", ["join_authorised_via_users_server": "@admin:a"])
        #expect(EventVerification.requiredSigners(of: via) == [ServerName("a")!, ServerName("b")!])
        #expect(EventVerification.requiredSigners(of: room.event("m.x", by: "@new:b")) == [ServerName("b")!])
        let byAddress = room.membership("@new:b", "invite", by: "@admin:a", ["third_party_invite": [:]])
        #expect(EventVerification.requiredSigners(of: byAddress) == [])
    }
}
