import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import RateLimiting
import ServerUnderTest
import Testing

/// Rule 4: whoever asks too much is told when to come back, in the header and in the body.
@Suite struct RateLimitTests {
    private let limits = RateLimits(allowances: [
        .messages: .init(burst: 3, perSecond: 2), .failedSignIns: .init(burst: 2, perSecond: 0.1),
        .failedSignInsToAccount: .init(burst: 3, perSecond: 0.1),
    ])

    /// Rule 4.
    @Test func aBurstIsAllowedAndThenSoManyEachSecond() async throws {
        try await TestServer.run(rateLimits: limits) { server throws in
            let users = try await server.users("alice", "bob")
            let roomID = try await server.room(of: users)
            func send(_ number: Int, as user: TestUser) async -> Answer {
                await server.call(
                    "PUT", "\(v3)/rooms/\(roomID)/send/m.room.message/\(number)", as: user, json: ["body": "x"])
            }
            for number in 0..<3 { #expect(await send(number, as: users[0]).status == 200) }
            let refused = await send(3, as: users[0])
            #expect(refused.status == 429 && refused.code == "M_LIMIT_EXCEEDED")
            #expect(refused.json["retry_after_ms"] == 500)
            #expect(refused.headers["retry-after"] == "1")
            // Others, and other requests, do not wait.
            #expect(await send(4, as: users[1]).status == 200)
            #expect(await server.call("GET", "\(v3)/sync", as: users[0]).status == 200)
            server.clock.advance(milliseconds: 499)
            #expect(await send(5, as: users[0]).json["retry_after_ms"] == 1)
            server.clock.advance(milliseconds: 1)
            #expect(await send(6, as: users[0]).status == 200)
            #expect(await send(7, as: users[0]).status == 429)
            server.clock.advance(milliseconds: 1_500)
            for number in 8..<11 { #expect(await send(number, as: users[0]).status == 200) }
            #expect(await send(11, as: users[0]).status == 429)
        }
    }

    /// Rule 4.
    @Test func whoeverGuessesPasswordsHasToWait() async throws {
        try await TestServer.run(rateLimits: limits) { server throws in
            _ = try await server.accounts.createAccount(localpart: "alice", password: "12345678")
            func signIn(_ password: String, from address: String) async -> Answer {
                await server.call(
                    "POST", "\(v3)/login",
                    body: #"{"type":"m.login.password","user":"alice","password":"\#(password)"}"#,
                    headers: [("X-Forwarded-For", address)])
            }
            for _ in 0..<2 { #expect(await signIn("wrong", from: "10.0.0.1").status == 403) }
            // Now the right one does not help either, from there.
            let refused = await signIn("12345678", from: "10.0.0.1")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] == "10")
            #expect(await signIn("12345678", from: "10.0.0.2").status == 200)
            #expect(await signIn("wrong", from: "10.0.0.2").status == 403)
            // Three for this account from everywhere.
            #expect(await signIn("12345678", from: "10.0.0.3").status == 429)
            server.clock.advance(milliseconds: 10_000)
            #expect(await signIn("12345678", from: "10.0.0.3").status == 200)
        }
    }

    @Test func strangersCannotFillTheMemory() throws {
        let clock = ManualClock()
        let limiter = RateLimiter(limits: limits, environment: .manual(clock))
        for number in 0..<(RateLimiter.maximumEntries + 20_000) {
            try? limiter.take(.messages, of: "10.\(number)")
        }
        #expect(limiter.count <= RateLimiter.maximumEntries)
        // A bucket that is full again is forgotten first.
        clock.advance(milliseconds: 10_000)
        for number in 0..<RateLimiter.maximumEntries { try? limiter.take(.messages, of: "new \(number)") }
        #expect(limiter.count <= RateLimiter.maximumEntries)
    }

    @Test func withoutLimitsNothingIsCounted() throws {
        let limiter = RateLimiter(limits: nil, environment: .manual(ManualClock()))
        for _ in 0..<10_000 { try limiter.take(.messages, of: "alice") }
        #expect(limiter.count == 0 && !limiter.isOn)
    }

    @Test func theOperationsOfTheSpecificationAreLimited() {
        for endpoint in [Endpoint.login, .register, .joinRoom, .changePassword, .requestOpenIDToken, .leaveRoom] {
            #expect(endpoint.rateLimitBucket != nil, "\(endpoint.operationID)")
        }
        for endpoint in [Endpoint.sync, .getDevices, .logout] { #expect(endpoint.rateLimitBucket == nil) }
    }
}
