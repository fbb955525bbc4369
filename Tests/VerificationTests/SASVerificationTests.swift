import CanonicalJSON
import Testing
import Verification

struct SASVerificationTests {
    private func twoUsers(methods: [VerificationMethod] = VerificationMethod.allCases) -> Conversation {
        var alice = Person("@alice:x", "A", seed: 1, masterSeed: 11, methods: methods)
        var bob = Person("@bob:x", "B", seed: 2, masterSeed: 12, methods: methods)
        alice.knows(bob)
        bob.knows(alice)
        return Conversation(alice, bob)
    }

    private func ready(inRoom: Bool = true) -> (Conversation, String) {
        var talk = twoUsers()
        let flowID = inRoom ? talk.beginInRoom() : talk.begin()
        talk.accept(1, flowID, with: 0)
        return (talk, flowID)
    }

    @Test(arguments: [true, false], [0, 1])
    func bothSeeTheSameAndAreVerified(inRoom: Bool, starter: Int) throws {
        var (talk, flowID) = ready(inRoom: inRoom)
        #expect(talk.state(0, flowID, with: 1) == .ready)
        #expect(talk.state(1, flowID, with: 0) == .ready)
        talk.act(starter, flowID, with: 1 - starter) { $0.startSAS() }
        guard case .comparing(let first, emoji: true)? = talk.state(0, flowID, with: 1),
            case .comparing(let second, emoji: true)? = talk.state(1, flowID, with: 0)
        else {
            Issue.record("no string: \(String(describing: talk.state(0, flowID, with: 1)))")
            return
        }
        #expect(first == second)
        talk.act(0, flowID, with: 1) { $0.confirmMatch() }
        #expect(talk.state(0, flowID, with: 1) == .waitingForMatch)
        talk.act(1, flowID, with: 0) { $0.confirmMatch() }
        let alice = talk.people[0].party
        let bob = talk.people[1].party
        #expect(
            talk.state(0, flowID, with: 1)
                == .done(
                    VerifiedKeys(userID: "@bob:x", device: ("B", bob.deviceKey), masterKey: bob.masterKey)))
        #expect(
            talk.state(1, flowID, with: 0)
                == .done(
                    VerifiedKeys(userID: "@alice:x", device: ("A", alice.deviceKey), masterKey: alice.masterKey)))
        #expect(talk.sent.count { $0.message.type == VerificationMessageType.done } == 2)
        #expect(!talk.sent.contains { $0.message.type == VerificationMessageType.cancel })
        for (_, message) in talk.sent where inRoom {
            #expect(message.content["m.relates_to"] == ["rel_type": "m.reference", "event_id": "$request"])
        }
    }

    /// "the message sent by the user whose ID is the lexicographically largest user ID should be ignored"
    @Test func whenBothStartTheSmallerIDCounts() {
        var (talk, flowID) = ready()
        let fromAlice = talk.people[0].flows.change(flowID, with: "@bob:x") { $0.startSAS() }!
        let fromBob = talk.people[1].flows.change(flowID, with: "@alice:x") { $0.startSAS() }!
        talk.deliver(fromBob, from: 1)
        talk.deliver(fromAlice, from: 0)
        guard case .comparing(let first, _)? = talk.state(0, flowID, with: 1),
            case .comparing(let second, _)? = talk.state(1, flowID, with: 0)
        else {
            Issue.record("no string")
            return
        }
        #expect(first == second)
        #expect(talk.people[0].flows.flow(flowID, with: "@bob:x")?.sas?.isStarter == true)
        #expect(talk.people[1].flows.flow(flowID, with: "@alice:x")?.sas?.isStarter == false)
    }

    @Test func stringsThatDifferEndIt() {
        var (talk, flowID) = ready()
        talk.act(0, flowID, with: 1) { $0.startSAS() }
        talk.act(1, flowID, with: 0) { $0.denyMatch() }
        #expect(talk.state(0, flowID, with: 1) == .cancelled(.mismatchedSAS, byOther: true))
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.mismatchedSAS, byOther: false))
    }

    /// Somebody in between who has other keys: the strings differ, or the commitment does.
    @Test func aManInTheMiddleIsSeen() {
        let evil = "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8"
        var (talk, flowID) = ready()
        talk.meddle = { message in
            guard message.type == VerificationMessageType.key else { return message }
            var content = message.content
            content["key"] = .string(evil)
            return VerificationMessage(
                type: message.type, content: content, userID: message.userID, receiver: message.receiver)
        }
        talk.act(0, flowID, with: 1) { $0.startSAS() }
        #expect(talk.state(0, flowID, with: 1) == .cancelled(.mismatchedCommitment, byOther: false))
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.mismatchedCommitment, byOther: true))
    }

    /// A server that showed each the wrong keys of the other: the strings are the same, the codes are not.
    @Test func otherKeysThanThoseKnownAreNotVerified() {
        let mallory = Person("@bob:x", "B", seed: 66, masterSeed: 67)
        var alice = Person("@alice:x", "A", seed: 1, masterSeed: 11)
        var bob = Person("@bob:x", "B", seed: 2, masterSeed: 12)
        alice.knows(mallory)
        bob.knows(alice)
        var talk = Conversation(alice, bob)
        let flowID = talk.beginInRoom()
        talk.accept(1, flowID, with: 0)
        talk.act(0, flowID, with: 1) { $0.startSAS() }
        talk.act(1, flowID, with: 0) { $0.confirmMatch() }
        talk.act(0, flowID, with: 1) { $0.confirmMatch() }
        #expect(talk.state(0, flowID, with: 1) == .cancelled(.keyMismatch, byOther: false))
    }

    @Test(arguments: [0, 1]) func aChangedCodeIsNoticed(part: Int) {
        var (talk, flowID) = ready()
        talk.meddle = { message in
            guard message.type == VerificationMessageType.mac else { return message }
            var content = message.content
            if part == 0 {
                content["keys"] = "AAAA"
            } else {
                var codes = content["mac"]!.objectValue!
                codes[codes.members[0].key] = "AAAA"
                content["mac"] = .object(codes)
            }
            return VerificationMessage(
                type: message.type, content: content, userID: message.userID, receiver: message.receiver)
        }
        talk.act(0, flowID, with: 1) { $0.startSAS() }
        talk.act(0, flowID, with: 1) { $0.confirmMatch() }
        talk.act(1, flowID, with: 0) { $0.confirmMatch() }
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.keyMismatch, byOther: false))
    }

    /// What a device that knows only the old codes says, and one that wants what we do not have.
    @Test func theBestCommonMethodsAreChosen() throws {
        func answer(_ change: (inout JSONObject) -> Void) -> VerificationMessage? {
            var (talk, flowID) = ready()
            var start = SASExchange.startContent
            start["from_device"] = "A"
            change(&start)
            start["m.relates_to"] = ["rel_type": "m.reference", "event_id": .string(flowID)]
            return talk.give(VerificationMessageType.start, start, to: 1, from: 0).first
        }
        let plain = try #require(answer { _ in })
        #expect(plain.type == VerificationMessageType.accept)
        #expect(plain.content["message_authentication_code"] == "hkdf-hmac-sha256.v2")
        #expect(plain.content["short_authentication_string"] == ["decimal", "emoji"])
        let old = try #require(answer { $0["message_authentication_codes"] = ["hkdf-hmac-sha256", "hmac-sha256"] })
        #expect(old.content["message_authentication_code"] == "hkdf-hmac-sha256")
        let numbers = try #require(answer { $0["short_authentication_string"] = ["decimal"] })
        #expect(numbers.content["short_authentication_string"] == ["decimal"])
        for change: (inout JSONObject) -> Void in [
            { $0["key_agreement_protocols"] = ["curve25519"] }, { $0["hashes"] = ["md5"] },
            { $0["message_authentication_codes"] = ["hmac-sha256"] }, { $0["short_authentication_string"] = ["emoji"] },
            { $0["method"] = "m.other.v1" }, { $0["method"] = "m.qr_code.show.v1" },
        ] {
            #expect(answer(change)?.content["code"] == "m.unknown_method")
        }
        for change: (inout JSONObject) -> Void in [
            { $0["hashes"] = nil }, { $0["key_agreement_protocols"] = "x" }, { $0["method"] = 5 },
            { $0["message_authentication_codes"] = [1] },
        ] {
            #expect(answer(change)?.content["code"] == "m.invalid_message")
        }
    }

    /// Every message in every state: what is out of order ends it with `m.unexpected_message`, and nothing traps.
    @Test func messagesOutOfOrderEndIt() {
        for type in [
            VerificationMessageType.ready, VerificationMessageType.accept, VerificationMessageType.key,
            VerificationMessageType.mac, VerificationMessageType.done,
        ] {
            var (talk, flowID) = ready()
            let content: JSONObject = [
                "m.relates_to": ["rel_type": "m.reference", "event_id": .string(flowID)], "from_device": "A",
                "methods": ["m.sas.v1"], "key": "x", "mac": [:], "keys": "x",
            ]
            let answers = talk.give(type, content, to: 1, from: 0)
            #expect(answers.map(\.content["code"]) == ["m.unexpected_message"], "\(type)")
            #expect(talk.state(1, flowID, with: 0) == .cancelled(.unexpectedMessage, byOther: false))
            // And no loop of errors: what follows is ignored.
            #expect(talk.give(type, content, to: 1, from: 0).isEmpty)
        }
    }
}
