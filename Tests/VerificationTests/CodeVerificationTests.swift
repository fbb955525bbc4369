import CanonicalJSON
import Primitives
import Testing
import Verification

/// QR codes.
struct CodeVerificationTests {
    /// https://spec.matrix.org/v1.19/client-server-api/#qr-code-format
    @Test func theFormatOfTheSpecification() throws {
        let first = Ed25519Key(Array(0..<32))!
        let second = Ed25519Key(Array(16..<48))!
        let code = VerificationCode(
            mode: .otherUser, flowID: "$ABCD", firstKey: first, secondKey: second, secret: Array(32..<40))
        let expected: [UInt8] =
            [0x4D, 0x41, 0x54, 0x52, 0x49, 0x58, 0x02, 0x00, 0x00, 0x05, 0x24, 0x41, 0x42, 0x43, 0x44]
            + Array(0..<32) + Array(16..<48) + Array(32..<40)
        #expect(code.bytes == expected)
        #expect(VerificationCode(bytes: expected) == code)
        for count in 0..<expected.count { #expect(VerificationCode(bytes: Array(expected.prefix(count))) == nil) }
        for index in 0..<8 {
            var changed = expected
            changed[index] = 0xFF
            #expect(VerificationCode(bytes: changed) == nil)
        }
        var long = expected
        long[8] = 0xFF
        #expect(VerificationCode(bytes: long) == nil)
        #expect(VerificationCode(bytes: expected + [UInt8](repeating: 0, count: 3000)) == nil)
    }

    private func users() -> Conversation {
        var alice = Person("@alice:x", "A", seed: 1, masterSeed: 11)
        var bob = Person("@bob:x", "B", seed: 2, masterSeed: 12)
        alice.knows(bob)
        bob.knows(alice)
        return Conversation(alice, bob)
    }

    private func own(firstTrusts: Bool, secondTrusts: Bool) -> Conversation {
        var first = Person("@alice:x", "A1", seed: 1, masterSeed: 11, trusts: firstTrusts)
        var second = Person("@alice:x", "A2", seed: 2, masterSeed: 11, trusts: secondTrusts)
        first.knows(second)
        second.knows(first)
        return Conversation(first, second)
    }

    private func begin(_ talk: inout Conversation) -> String {
        let flowID = talk.people[0].userID == talk.people[1].userID ? talk.begin() : talk.beginInRoom()
        talk.accept(1, flowID, with: 0)
        return flowID
    }

    private func scan(_ talk: inout Conversation, _ flowID: String) -> VerificationCode? {
        guard
            let code = talk.people[0].flows.change(flowID, with: talk.people[1].userID, { $0.codeToShow() }) ?? nil
        else { return nil }
        talk.act(1, flowID, with: 0) { $0.scan(code.bytes) ?? [] }
        return code
    }

    @Test func twoUsersVerifyEachOtherByOneScan() throws {
        var talk = users()
        let flowID = begin(&talk)
        let code = try #require(scan(&talk, flowID))
        #expect(code.mode == .otherUser)
        #expect(talk.state(1, flowID, with: 0) == .waitingForConfirmation)
        #expect(talk.state(0, flowID, with: 1) == .codeScanned)
        talk.act(0, flowID, with: 1) { $0.confirmScanned() }
        let (alice, bob) = (talk.people[0].party, talk.people[1].party)
        #expect(
            talk.state(0, flowID, with: 1)
                == .done(VerifiedKeys(userID: "@bob:x", device: nil, masterKey: bob.masterKey)))
        #expect(
            talk.state(1, flowID, with: 0)
                == .done(VerifiedKeys(userID: "@alice:x", device: nil, masterKey: alice.masterKey)))
    }

    @Test func aTrustingDeviceShowsTheCodeToANewOne() throws {
        var talk = own(firstTrusts: true, secondTrusts: false)
        let flowID = begin(&talk)
        #expect(try #require(scan(&talk, flowID)).mode == .ownDeviceTrusting)
        talk.act(0, flowID, with: 1) { $0.confirmScanned() }
        let (old, new) = (talk.people[0].party, talk.people[1].party)
        #expect(
            talk.state(0, flowID, with: 1)
                == .done(VerifiedKeys(userID: "@alice:x", device: ("A2", new.deviceKey), masterKey: nil)))
        #expect(
            talk.state(1, flowID, with: 0)
                == .done(VerifiedKeys(userID: "@alice:x", device: nil, masterKey: old.masterKey)))
    }

    @Test func aNewDeviceShowsTheCodeToATrustingOne() throws {
        var talk = own(firstTrusts: false, secondTrusts: true)
        let flowID = begin(&talk)
        #expect(try #require(scan(&talk, flowID)).mode == .ownDeviceNotTrusting)
        talk.act(0, flowID, with: 1) { $0.confirmScanned() }
        let (new, old) = (talk.people[0].party, talk.people[1].party)
        #expect(
            talk.state(0, flowID, with: 1)
                == .done(VerifiedKeys(userID: "@alice:x", device: nil, masterKey: old.masterKey)))
        #expect(
            talk.state(1, flowID, with: 0)
                == .done(VerifiedKeys(userID: "@alice:x", device: ("A1", new.deviceKey), masterKey: nil)))
    }

    /// Neither trusts the master key: nobody can vouch for it.
    @Test func twoNewDevicesCannotVerifyEachOther() throws {
        var talk = own(firstTrusts: false, secondTrusts: false)
        let flowID = begin(&talk)
        _ = scan(&talk, flowID)
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.keyMismatch, byOther: false))
        #expect(talk.state(0, flowID, with: 1) == .cancelled(.keyMismatch, byOther: true))
    }

    @Test func withoutATrustedMasterKeyThereIsNoCodeForOthers() {
        var alice = Person("@alice:x", "A", seed: 1, masterSeed: 11, trusts: false)
        var bob = Person("@bob:x", "B", seed: 2, masterSeed: 12)
        alice.knows(bob)
        bob.knows(alice)
        var talk = Conversation(alice, bob)
        let flowID = begin(&talk)
        #expect(scan(&talk, flowID) == nil)
    }

    /// The other has been shown a wrong key of ours, or we of theirs: the code says so.
    @Test(arguments: [0, 1]) func otherKeysEndIt(deceived: Int) {
        var alice = Person("@alice:x", "A", seed: 1, masterSeed: 11)
        var bob = Person("@bob:x", "B", seed: 2, masterSeed: 12)
        let (falseAlice, falseBob) = (
            Person("@alice:x", "A", seed: 1, masterSeed: 91), Person("@bob:x", "B", seed: 2, masterSeed: 92)
        )
        alice.knows(deceived == 0 ? falseBob : bob)
        bob.knows(deceived == 1 ? falseAlice : alice)
        var talk = Conversation(alice, bob)
        let flowID = begin(&talk)
        _ = scan(&talk, flowID)
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.keyMismatch, byOther: false))
    }

    @Test func aWrongSecretIsAnAttack() throws {
        var talk = users()
        let flowID = begin(&talk)
        _ = talk.people[0].flows.change(flowID, with: "@bob:x") { $0.codeToShow() }
        let start: JSONObject = [
            "from_device": "B", "method": "m.reciprocate.v1", "secret": "AAAAAAAAAAA",
            "m.relates_to": ["rel_type": "m.reference", "event_id": .string(flowID)],
        ]
        let answers = talk.give(VerificationMessageType.start, start, to: 0, from: 1)
        #expect(answers.map(\.content["code"]) == ["m.key_mismatch"])
    }

    @Test func aScanThatWasNotShownIsRefused() {
        var talk = users()
        let flowID = begin(&talk)
        let start: JSONObject = [
            "from_device": "B", "method": "m.reciprocate.v1", "secret": "",
            "m.relates_to": ["rel_type": "m.reference", "event_id": .string(flowID)],
        ]
        #expect(
            talk.give(VerificationMessageType.start, start, to: 0, from: 1).map(\.content["code"])
                == ["m.unexpected_message"])
    }

    @Test func anotherCodeCanBeTriedAgain() throws {
        var talk = users()
        let flowID = begin(&talk)
        let result = talk.people[1].flows.change(flowID, with: "@alice:x") {
            $0.scan(Array("https://example.org".utf8))
        }
        #expect(try #require(result) == nil)
        #expect(talk.state(1, flowID, with: 0) == .ready)
        #expect(scan(&talk, flowID) != nil)
    }

    @Test func theCodeStaysTheSameWhileItIsShown() {
        var talk = users()
        let flowID = begin(&talk)
        let first = talk.people[0].flows.change(flowID, with: "@bob:x") { $0.codeToShow() }
        let second = talk.people[0].flows.change(flowID, with: "@bob:x") { $0.codeToShow() }
        #expect(first == second)
    }
}
