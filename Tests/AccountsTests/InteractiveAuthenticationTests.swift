import Accounts
import CanonicalJSON
import MatrixAPI
import ServerEnvironment
import ServerUnderTest
import Testing

@Suite struct InteractiveAuthenticationTests {
    private let clock = ManualClock()
    private let engine: InteractiveAuthentication
    private let body: JSONObject = ["devices": ["A"]]

    init() { engine = InteractiveAuthentication(environment: .manual(clock)) }

    private func request(
        _ body: JSONObject, session: String?, stage: AuthenticationStage? = nil, secret: String = "right"
    )
        -> JSONObject
    {
        var auth: JSONObject = ["secret": .string(secret)]
        auth["session"] = session.map { .string($0) }
        auth["type"] = stage.map { .string($0.rawValue) }
        var body = body
        body["auth"] = .object(auth)
        return body
    }

    private func authorize(
        _ body: JSONObject, operation: String = "delete", flows: [[AuthenticationStage]] = [[.password]]
    ) async throws -> JSONObject {
        try await engine.authorize(operation: operation, body: body, flows: flows) { _, auth in
            guard auth["secret"] == "right" else { throw MatrixError.forbidden("wrong") }
        }
    }

    /// The body of the 401.
    private func challenge(
        _ body: JSONObject, operation: String = "delete", flows: [[AuthenticationStage]] = [[.password]]
    ) async throws -> JSONObject {
        do {
            _ = try await authorize(body, operation: operation, flows: flows)
        } catch let error as InteractiveAuthenticationRequired {
            return error.body
        }
        Issue.record("no stage was asked for")
        return [:]
    }

    private func session(of challenge: JSONObject) throws -> String { try #require(challenge["session"]?.stringValue) }

    /// Rule 12.
    @Test func theFirstRequestIsToldTheFlows() async throws {
        let challenge = try await challenge(body)
        #expect(challenge["flows"] == [["stages": ["m.login.password"]]])
        #expect(challenge["params"] == [:])
        #expect(challenge["completed"] == nil)
        #expect(challenge["errcode"] == nil)
        let session = try session(of: challenge)
        #expect(try await authorize(request(body, session: session, stage: .password)) == body)
    }

    /// Rule 12.
    @Test func laterRequestsMayLeaveTheBodyOut() async throws {
        let session = try session(of: try await challenge(body))
        #expect(try await authorize(request([:], session: session, stage: .password)) == body)
    }

    @Test func aStageMayComeAtOnce() async throws {
        #expect(try await authorize(request(body, session: nil, stage: .password)) == body)
    }

    /// Rule 12.
    @Test func aSessionIsBoundToItsOperationAndBody() async throws {
        let session = try session(of: try await challenge(body))
        await #expect(throws: MatrixError.self) {
            _ = try await authorize(request(body, session: session, stage: .password), operation: "other")
        }
        await #expect(throws: MatrixError.self) {
            _ = try await authorize(request(["devices": ["B"]], session: session, stage: .password))
        }
        #expect(try await authorize(request(body, session: session, stage: .password)) == body)
    }

    /// Rule 12.
    @Test func aFailedStageKeepsTheSession() async throws {
        let session = try session(of: try await challenge(body))
        let failed = try await challenge(request(body, session: session, stage: .password, secret: "wrong"))
        #expect(failed["errcode"] == "M_FORBIDDEN")
        #expect(failed["session"]?.stringValue == session)
        #expect(failed["flows"] != nil)
        #expect(failed["completed"] == nil)
        #expect(try await authorize(request(body, session: session, stage: .password)) == body)
    }

    /// Rule 13.
    @Test func stagesAddUpAndPollingIsNoError() async throws {
        let flows: [[AuthenticationStage]] = [[.registrationToken, .dummy]]
        let session = try session(of: try await challenge(body, flows: flows))
        let polled = try await challenge(request([:], session: session), flows: flows)
        #expect(polled["session"]?.stringValue == session)
        let half = try await challenge(request(body, session: session, stage: .registrationToken), flows: flows)
        #expect(half["completed"] == ["m.login.registration_token"])
        #expect(try await authorize(request(body, session: session, stage: .dummy), flows: flows) == body)
        // Until the operation is done it may be tried again with the session alone.
        #expect(try await authorize(request([:], session: session), flows: flows) == body)
        engine.finish(request(body, session: session))
        await #expect(throws: MatrixError.self) {
            _ = try await authorize(request([:], session: session), flows: flows)
        }
    }

    @Test func aStageThatIsNotAskedForIsRefused() async throws {
        let session = try session(of: try await challenge(body))
        await #expect(throws: MatrixError.self) {
            _ = try await authorize(request(body, session: session, stage: .dummy))
        }
        // The session goes on all the same, without that stage.
        #expect(try await challenge(request(body, session: session))["completed"] == nil)
    }

    @Test func sessionsExpireAfterAnHour() async throws {
        let session = try session(of: try await challenge(body))
        clock.advance(milliseconds: 3_600_000)
        #expect(try await challenge(request(body, session: session))["session"]?.stringValue == session)
        clock.advance(milliseconds: 1)
        await #expect(throws: MatrixError.self) { _ = try await authorize(request(body, session: session)) }
    }

    @Test func manySessionsDriveOutTheEarliestOnly() async throws {
        let early = try session(of: try await challenge(body))
        clock.advance(milliseconds: 1)
        for _ in 0..<InteractiveAuthentication.maximumSessions { _ = try await challenge(body) }
        await #expect(throws: MatrixError.self) { _ = try await authorize(request(body, session: early)) }
        let late = try session(of: try await challenge(body))
        #expect(try await authorize(request(body, session: late, stage: .password)) == body)
    }
}
