import Accounts
import MatrixAPI
import ServerUnderTest
import Testing

@Suite struct PasswordTests {
    /// Test vectors of the reference implementation.
    ///
    /// https://github.com/P-H-C/phc-winner-argon2/blob/20190702/src/test.c
    @Test(arguments: [
        (
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"
        ),
        (
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"
        ),
        (
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"
        ),
    ])
    func hashesOfAnotherImplementationHold(hash: String, password: String) {
        #expect(PasswordHash.matches(password, hash: hash))
        #expect(!PasswordHash.matches(password + "x", hash: hash))
        #expect(!PasswordHash.matches("", hash: hash))
    }

    @Test func ourHashesHoldForTheirPasswordOnly() throws {
        let salt = [UInt8](repeating: 3, count: 16)
        let hash = try #require(PasswordHash.make("비밀번호 p\u{0}q", salt: salt))
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(PasswordHash.matches("비밀번호 p\u{0}q", hash: hash))
        #expect(!PasswordHash.matches("비밀번호 p", hash: hash))
        #expect(PasswordHash.make("비밀번호 p\u{0}q", salt: [UInt8](repeating: 4, count: 16)) != hash)
        #expect(!PasswordHash.matches("x", hash: "no hash"))
        #expect(!PasswordHash.matches("x", hash: ""))
    }

    @Test func signUpAndCheckingThePassword() async throws {
        try await TestServer.run { server throws in
            let alice = try await server.accounts.register(localpart: "alice", password: "correct horse")
            try await server.accounts.checkPassword("correct horse", of: alice)
            func code(_ body: () async throws -> Void) async -> ErrorCode? {
                do { try await body() } catch { return (error as? MatrixError)?.code }
                return nil
            }
            #expect(await code { try await server.accounts.checkPassword("wrong horse", of: alice) } == .forbidden)
            let bob = try #require(try? await server.accounts.availableUserID(localpart: "bob"))
            #expect(await code { try await server.accounts.checkPassword("correct horse", of: bob) } == .forbidden)
            // An account without a password takes none.
            let without = try await server.user("without")
            #expect(await code { try await server.accounts.checkPassword("", of: without.userID) } == .forbidden)
            #expect(
                await code { _ = try await server.accounts.register(localpart: "alice", password: "12345678") }
                    == .userInUse)
            #expect(
                await code { _ = try await server.accounts.register(localpart: "eve", password: "1234567") }
                    == .weakPassword)
            for name in ["Eve", "e ve", "e:ve", "", "é", "eve\u{0}"] {
                #expect(
                    await code { _ = try await server.accounts.availableUserID(localpart: name) } == .invalidUsername,
                    "\(name)")
            }
        }
    }

    @Test func aNameIsGivenOnceEvenAtOnce() async throws {
        try await TestServer.run { server throws in
            let count = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        (try? await server.accounts.register(localpart: "alice", password: "12345678")) != nil
                    }
                }
                return await group.reduce(into: 0) { count, isMade in count += isMade ? 1 : 0 }
            }
            #expect(count == 1)
        }
    }
}
