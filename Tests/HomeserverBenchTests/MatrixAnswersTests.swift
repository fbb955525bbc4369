import CanonicalJSON
import HomeserverBench
import Testing

@Suite struct MatrixAnswersTests {
    @Test func aSyncsMessagesAndGapAreRead() throws {
        let mark = MessageMark(run: "r", sender: 1, sequence: 2, sentNanoseconds: 3)
        let answer = try JSONParser.parse(
            #"{"next_batch":"s2","rooms":{"join":{"!r:h":{"timeline":{"limited":true,"prev_batch":"p","events":["#
                + #"{"type":"m.room.message","content":{"body":"\#(mark.text)..."}},"#
                + #"{"type":"m.room.member","content":{"body":"\#(mark.text)"}},"#
                + #"{"type":"m.room.message","content":{}}]}}}}}"#)
        let sync = SyncAnswer(answer, roomID: "!r:h")
        #expect(sync?.nextBatch == "s2")
        #expect(sync?.messages == [mark])
        #expect(sync?.gapBefore == "p")
        #expect(SyncAnswer(answer, roomID: "!other:h")?.messages == [])
    }

    @Test func whatIsNoSyncIsNotRead() throws {
        #expect(SyncAnswer(nil, roomID: "!r:h") == nil)
        #expect(SyncAnswer([], roomID: "!r:h") == nil)
        #expect(SyncAnswer(["errcode": "M_UNKNOWN"], roomID: "!r:h") == nil)
        #expect(SyncAnswer(["next_batch": "s"], roomID: "!r:h")?.gapBefore == nil)
    }

    @Test func historyEndsWithAnEmptyPage() throws {
        let page: JSONValue = ["chunk": [["type": "m.room.create", "content": [:]]], "end": "t"]
        #expect(HistoryAnswer(page)?.end == "t")
        #expect(HistoryAnswer(["chunk": [], "end": "t"])?.end == nil)
        #expect(HistoryAnswer(["chunk": []])?.messages == [])
        #expect(HistoryAnswer([:]) == nil)
    }

    @Test func theDelayIsWhatTheServerAsksFor() {
        #expect(RateLimitPolicy.delay(retryAfter: "3", body: nil) == .seconds(3))
        #expect(RateLimitPolicy.delay(retryAfter: "3", body: ["retry_after_ms": 70]) == .seconds(3))
        #expect(RateLimitPolicy.delay(retryAfter: "soon", body: ["retry_after_ms": 70]) == .milliseconds(70))
        #expect(RateLimitPolicy.delay(retryAfter: nil, body: nil) == .seconds(1))
        #expect(RateLimitPolicy.delay(retryAfter: "-1", body: ["retry_after_ms": -1]) == .seconds(1))
    }

    @Test func aSeedGivesItsNames() {
        #expect(RunNames(seed: 1) == RunNames(seed: 1))
        #expect(RunNames(seed: 1).run != RunNames(seed: 2).run)
        #expect(RunNames(seed: 1).run.utf8.count == 8)
        #expect(RunNames(seed: 1).account(1) != RunNames(seed: 1).account(2))
    }
}

@Suite struct InteractiveAuthenticationTests {
    private func answer(_ flows: JSONValue, completed: JSONValue = []) -> JSONValue {
        ["flows": flows, "completed": completed, "session": "x", "params": [:]]
    }

    @Test func theDummyStageIsTaken() throws {
        let auth = try InteractiveAuthentication(registrationToken: nil).nextStage(
            after: answer([["stages": ["m.login.recaptcha"]], ["stages": ["m.login.dummy"]]]))
        #expect(auth == ["type": "m.login.dummy", "session": "x"])
    }

    @Test func stagesAreTakenOneAfterTheOther() throws {
        let flows: JSONValue = [["stages": ["m.login.registration_token", "m.login.dummy"]]]
        let authentication = InteractiveAuthentication(registrationToken: "t")
        #expect(
            try authentication.nextStage(after: answer(flows))
                == ["type": "m.login.registration_token", "session": "x", "token": "t"])
        #expect(
            try authentication.nextStage(after: answer(flows, completed: ["m.login.registration_token"]))
                == ["type": "m.login.dummy", "session": "x"])
    }

    @Test func whatCannotBeDoneIsNamed() {
        let error = #expect(throws: BenchError.self) {
            try InteractiveAuthentication(registrationToken: nil).nextStage(
                after: answer([["stages": ["m.login.registration_token"]]]))
        }
        #expect(
            error?.description
                == "cannot register: the server wants m.login.registration_token; give --registration-token")
        #expect(throws: BenchError.self) {
            try InteractiveAuthentication(registrationToken: nil).nextStage(after: ["errcode": "M_FORBIDDEN"])
        }
    }
}
