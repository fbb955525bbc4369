import CanonicalJSON
import MatrixClient
import Testing

@Suite struct RegistrationFlowTests {
    private func flow(_ stages: [[String]], completed: [String] = [], errcode: String? = nil) -> RegistrationFlow {
        var state: JSONObject = [
            "session": "s", "completed": .array(completed.map { .string($0) }),
            "flows": .array(stages.map { ["stages": .array($0.map { .string($0) })] }),
        ]
        if let errcode { state["errcode"] = .string(errcode) }
        return RegistrationFlow(state)
    }

    @Test func stagesAreTakenOneAfterTheOther() throws {
        let stages = [["m.login.registration_token", "m.login.dummy"]]
        #expect(
            try flow(stages).nextStage(registrationToken: "t")
                == ["type": "m.login.registration_token", "session": "s", "token": "t"])
        #expect(
            try flow(stages, completed: ["m.login.registration_token"]).nextStage(registrationToken: "t")
                == ["type": "m.login.dummy", "session": "s"])
    }

    @Test func aTokenIsUsedWhereThereIsAChoice() throws {
        let stages = [["m.login.dummy"], ["m.login.registration_token"]]
        #expect(try flow(stages).nextStage(registrationToken: "t")["token"] == "t")
        #expect(try flow(stages).nextStage(registrationToken: nil)["type"] == "m.login.dummy")
    }

    @Test func whatCannotBePassedIsSaid() {
        func code(_ flow: RegistrationFlow) -> ClientError.Code? {
            do throws(ClientError) {
                _ = try flow.nextStage(registrationToken: nil)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(flow([["m.login.recaptcha"]])) == .unsupported)
        #expect(code(flow([["m.login.registration_token"]])) == .invalidRequest)
        #expect(code(flow([["m.login.dummy"]], errcode: "M_FORBIDDEN")) == .refused(errorCode: "M_FORBIDDEN"))
    }
}
