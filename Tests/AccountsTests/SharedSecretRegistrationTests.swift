import Accounts
import MatrixAPI
import ServerUnderTest
import Testing

@Suite struct SharedSecretRegistrationTests {
    private let clock = ManualClock()

    private func registration() -> SharedSecretRegistration {
        SharedSecretRegistration(secret: "a secret of the operator", environment: .manual(clock))
    }

    /// The code was made with Python: `hmac.new(b"a secret of the operator", b"nonce\0ann\0pass\0notadmin", "sha1")`; the
    /// nonce is random, so the test of it is that of the live server, Tests/Acceptance/test_operating.py.
    @Test func aNonceIsGoodForOneAttempt() throws {
        let registration = registration()
        var request = SharedSecretRegistration.Request(
            nonce: try registration.makeNonce(), username: "ann", password: "pass", isAdministrator: false,
            userType: nil, mac: "00")
        func code() -> Int? {
            do {
                try registration.verify(request)
                return nil
            } catch { return error.status }
        }
        #expect(code() == 403)
        #expect(code() == 400, "the nonce was used")
        request.nonce = try registration.makeNonce()
        request.mac = "not hexadecimal"
        #expect(code() == 403)
        request.nonce = try registration.makeNonce()
        clock.advance(milliseconds: 60_000)
        #expect(code() == 400, "the nonce has expired")
    }

    @Test func noncesThatNobodyUsesAreBounded() throws {
        let registration = registration()
        for _ in 0..<SharedSecretRegistration.maximumNonces { _ = try registration.makeNonce() }
        #expect(throws: MatrixError.self) { try registration.makeNonce() }
        clock.advance(milliseconds: 60_000)
        #expect(throws: Never.self) { try registration.makeNonce() }
    }
}
