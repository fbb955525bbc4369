import CanonicalJSON
import Testing
import Verification

struct VerificationFlowTests {
    private func ownDevices() -> Conversation {
        var first = Person("@alice:x", "A1", seed: 1, masterSeed: 11)
        var second = Person("@alice:x", "A2", seed: 2, masterSeed: 11, trusts: false)
        var third = Person("@alice:x", "A3", seed: 3, masterSeed: 11)
        first.knows(second, third)
        second.knows(first, third)
        third.knows(first, second)
        return Conversation(first, second, third)
    }

    @Test func oneOfSeveralDevicesTakesTheRequest() {
        var talk = ownDevices()
        let flowID = talk.begin(to: ["A2", "A3"])
        #expect(talk.state(1, flowID, with: 0) == .offered)
        #expect(talk.state(2, flowID, with: 0) == .offered)
        talk.accept(2, flowID, with: 0)
        #expect(talk.state(0, flowID, with: 2) == .ready)
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.accepted, byOther: true))
        talk.act(0, flowID, with: 2) { $0.startSAS() }
        talk.act(0, flowID, with: 2) { $0.confirmMatch() }
        talk.act(2, flowID, with: 0) { $0.confirmMatch() }
        guard case .done(let keys)? = talk.state(0, flowID, with: 2) else {
            Issue.record("not done")
            return
        }
        #expect(keys.device?.id == "A3")
        #expect(keys.masterKey == talk.people[0].party.masterKey)
    }

    @Test func aDeviceThatDoesNotTrustTheMasterKeyDoesNotVouchForIt() {
        var talk = ownDevices()
        let flowID = talk.begin(to: ["A2"])
        talk.accept(1, flowID, with: 0)
        talk.act(1, flowID, with: 0) { $0.startSAS() }
        talk.act(0, flowID, with: 1) { $0.confirmMatch() }
        talk.act(1, flowID, with: 0) { $0.confirmMatch() }
        guard case .done(let trusting)? = talk.state(0, flowID, with: 1),
            case .done(let new)? = talk.state(1, flowID, with: 0)
        else {
            Issue.record("not done")
            return
        }
        #expect(trusting.masterKey == nil)
        #expect(trusting.device?.id == "A2")
        #expect(new.masterKey == talk.people[0].party.masterKey)
    }

    @Test func declining() {
        var talk = ownDevices()
        let flowID = talk.begin(to: ["A2", "A3"])
        talk.act(1, flowID, with: 0) { $0.cancel() }
        #expect(talk.state(0, flowID, with: 1) == .cancelled(.user, byOther: true))
        #expect(talk.state(2, flowID, with: 0) == .cancelled(.user, byOther: true))
    }

    @Test func anotherOfOurDevicesTookTheRequestInARoom() {
        var alice = Person("@alice:x", "A", seed: 1, masterSeed: 11)
        var first = Person("@bob:x", "B1", seed: 2, masterSeed: 12)
        var second = Person("@bob:x", "B2", seed: 3, masterSeed: 12)
        alice.knows(first, second)
        first.knows(alice)
        second.knows(alice)
        var talk = Conversation(alice, first, second)
        let flowID = talk.beginInRoom()
        talk.accept(1, flowID, with: 0)
        #expect(talk.state(0, flowID, with: 1) == .ready)
        #expect(talk.state(2, flowID, with: 0) == .cancelled(.accepted, byOther: false))
        // The second device is no part of it any more, whatever it says.
        let start: JSONObject = [
            "method": "m.sas.v1", "from_device": "B2",
            "m.relates_to": ["rel_type": "m.reference", "event_id": "$request"],
        ]
        #expect(talk.give(VerificationMessageType.start, start, to: 0, from: 2).isEmpty)
        #expect(talk.state(0, flowID, with: 1) == .ready)
    }

    @Test func strangersCannotEndAVerification() {
        var alice = Person("@alice:x", "A", seed: 1, masterSeed: 11)
        var bob = Person("@bob:x", "B", seed: 2, masterSeed: 12)
        let eve = Person("@eve:x", "E", seed: 4)
        alice.knows(bob)
        bob.knows(alice)
        var talk = Conversation(alice, bob, eve)
        let flowID = talk.beginInRoom()
        talk.accept(1, flowID, with: 0)
        let cancel: JSONObject = [
            "code": "m.user", "reason": "", "m.relates_to": ["rel_type": "m.reference", "event_id": "$request"],
        ]
        talk.give(VerificationMessageType.cancel, cancel, to: 0, from: 2)
        talk.give(VerificationMessageType.cancel, ["code": "m.user", "transaction_id": "$request"], to: 0, from: 1)
        #expect(talk.state(0, flowID, with: 1) == .ready)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#key-verification-framework
    @Test func promptsGoAwayAfterTwoMinutes() {
        var talk = ownDevices()
        let flowID = talk.begin(to: ["A2"])
        talk.now += 2 * 60 * 1000 - 1
        #expect(talk.people[1].flows.expire(now: talk.now).ended.isEmpty)
        talk.now += 1
        let result = talk.people[1].flows.expire(now: talk.now)
        #expect(result.messages.isEmpty)
        #expect(result.ended.map(\.flowID) == [flowID])
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.timeout, byOther: false))
        #expect(talk.state(0, flowID, with: 1) == .requested)
    }

    @Test func verificationsEndAfterTenMinutes() {
        var talk = ownDevices()
        let flowID = talk.begin(to: ["A2"])
        talk.now += 60_000
        talk.accept(1, flowID, with: 0)
        talk.now += 9 * 60_000
        let result = talk.people[0].flows.expire(now: talk.now)
        #expect(result.messages.map(\.content["code"]) == ["m.timeout"])
        talk.deliver(result.messages, from: 0)
        #expect(talk.state(1, flowID, with: 0) == .cancelled(.timeout, byOther: true))
    }

    @Test(arguments: [(-600_000, false), (-599_999, true), (300_000, true), (300_001, false)] as [(Int64, Bool)])
    func requestsFromOtherTimesAreIgnored(offset: Int64, isTaken: Bool) {
        var talk = ownDevices()
        let request: JSONObject = [
            "from_device": "A1", "methods": ["m.sas.v1"], "transaction_id": "t",
            "timestamp": .integer(talk.now + offset),
        ]
        talk.give(VerificationMessageType.request, request, to: 1, from: 0)
        #expect((talk.state(1, "t", with: 0) == .offered) == isTaken)
    }

    @Test func malformedRequestsAreIgnored() {
        let good: JSONObject = [
            "from_device": "A1", "methods": ["m.sas.v1"], "transaction_id": "t", "timestamp": 1_700_000_000_000,
        ]
        for (member, value) in [
            ("from_device", nil), ("from_device", 5), ("methods", nil), ("methods", [5]), ("timestamp", nil),
            ("timestamp", "now"), ("from_device", "unknown"),
            ("methods", .array([JSONValue](repeating: "m.sas.v1", count: 65))),
        ] as [(String, JSONValue?)] {
            var talk = ownDevices()
            var request = good
            request[member] = value
            talk.give(VerificationMessageType.request, request, to: 1, from: 0)
            #expect(talk.people[1].flows.flows.isEmpty, "\(member)")
        }
        var talk = ownDevices()
        var request = good
        request["transaction_id"] = .string(String(repeating: "t", count: 256))
        talk.give(VerificationMessageType.request, request, to: 1, from: 0)
        #expect(talk.people[1].flows.flows.isEmpty)
    }

    @Test func anUnknownDeviceHasToBeFetchedFirst() {
        var talk = ownDevices()
        talk.people[1].known = [:]
        let received = ReceivedVerificationMessage(
            sender: "@alice:x", type: VerificationMessageType.request,
            content: [
                "from_device": "A1", "methods": ["m.sas.v1"], "transaction_id": "t", "timestamp": .integer(talk.now),
            ], senderDeviceID: nil)
        let me = talk.people[1].party
        let outcome = talk.people[1].flows.receive(received, me: me, now: talk.now) { _ in nil }
        #expect(outcome.needsDevice == "A1")
        #expect(talk.people[1].flows.flows.isEmpty)
    }

    /// "When the same device attempts to initiate multiple verification attempts, the recipient should cancel all"
    @Test func aDeviceThatAsksTwiceIsCancelled() {
        var talk = ownDevices()
        let first = talk.begin(to: ["A2"])
        let second = talk.begin(to: ["A2"])
        #expect(talk.state(1, first, with: 0) == .cancelled(.unexpectedMessage, byOther: false))
        #expect(talk.state(0, first, with: 1) == .cancelled(.unexpectedMessage, byOther: true))
        #expect(talk.state(0, second, with: 1) == .cancelled(.unexpectedMessage, byOther: true))
        // When the first is over, a new one is welcome.
        let third = talk.begin(to: ["A2"])
        #expect(talk.state(1, third, with: 0) == .offered)
    }

    @Test func theNumberHasABound() {
        var talk = ownDevices()
        for number in 0..<500 {
            let device = "E\(number)"
            var eve = Person("@eve\(number % 3):x", device, seed: 1)
            eve.knows(talk.people[0])
            talk.people[0].knows(eve)
            talk.people[2] = eve
            let request: JSONObject = [
                "from_device": .string(device), "methods": ["m.sas.v1"], "transaction_id": .string("t\(number)"),
                "timestamp": .integer(talk.now),
            ]
            talk.give(VerificationMessageType.request, request, to: 0, from: 2)
        }
        #expect(talk.people[0].flows.flows.count == 3 * VerificationFlows.maximumFlowsOfUser)
        // Those that are over make room.
        talk.now += 3 * 60_000
        _ = talk.people[0].flows.expire(now: talk.now)
        let flow = talk.people[0].flows.request(
            me: talk.people[0].party, userID: "@eve0:x", devices: ["E"], now: talk.now)
        #expect(flow != nil)
    }

    /// Old clients start without asking.
    @Test func aStartWithoutARequestAsksThePerson() {
        var talk = ownDevices()
        var start = SASExchange.startContent
        start["from_device"] = "A1"
        start["transaction_id"] = "t"
        #expect(talk.give(VerificationMessageType.start, start, to: 1, from: 0).isEmpty)
        #expect(talk.state(1, "t", with: 0) == .offered)
        let now = talk.now
        let answer = talk.people[1].flows.change("t", with: "@alice:x") { $0.accept(now: now) }
        #expect(answer?.first?.type == VerificationMessageType.accept)
    }

    @Test func unknownTransactionsAreAnsweredOnlyWhenTheDeviceIsCertain() {
        var talk = ownDevices()
        let content: JSONObject = ["transaction_id": "gone", "key": "x", "code": "m.user"]
        #expect(talk.give(VerificationMessageType.key, content, to: 1, from: 0).isEmpty)
        talk.isEncrypted = true
        let answers = talk.give(VerificationMessageType.key, content, to: 1, from: 0)
        #expect(answers.map(\.content["code"]) == ["m.unknown_transaction"])
        for type in [VerificationMessageType.cancel, VerificationMessageType.done] {
            #expect(talk.give(type, content, to: 1, from: 0).isEmpty)
        }
    }

    @Test func aRequestWithoutCommonMethodsCanOnlyBeDeclined() {
        var talk = ownDevices()
        let request: JSONObject = [
            "from_device": "A1", "methods": ["org.example.dance"], "transaction_id": "t",
            "timestamp": .integer(talk.now),
        ]
        #expect(talk.give(VerificationMessageType.request, request, to: 1, from: 0).isEmpty)
        let flow = talk.people[1].flows.flow("t", with: "@alice:x")
        #expect(flow?.canCompare == false)
        let now = talk.now
        let answer = talk.people[1].flows.change("t", with: "@alice:x") { $0.accept(now: now) }
        #expect(answer?.map(\.content["code"]) == ["m.unknown_method"])
    }
}
