import HomeserverStore
import MatrixIdentifiers
import Testing

/// Secrets that expire, registration tokens and clients of OAuth 2.0.
@Suite struct GrantStoreTests {
    private func grant(_ kind: GrantRecord.Kind, _ secret: UInt8, expiresAt: Int64, user: UserID? = alice)
        -> GrantRecord
    {
        GrantRecord(
            kind: kind, secretHash: [secret], userID: user, content: Array("{\"n\":\(secret)}".utf8),
            expiresAt: expiresAt)
    }

    @Test(arguments: Backend.all) func grantsAreFoundByTheirSecretAndKind(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.writing { store in
                try store.setGrant(grant(.loginToken, 1, expiresAt: 10), maximumCount: 5)
                try store.setGrant(grant(.deviceCode, 1, expiresAt: 20, user: nil), maximumCount: 5)
            }
            try await database.read { store throws in
                #expect(try store.grant(.loginToken, secretHash: [1]) == self.grant(.loginToken, 1, expiresAt: 10))
                #expect(try store.grant(.deviceCode, secretHash: [1])?.userID == nil)
                #expect(try store.grant(.openID, secretHash: [1]) == nil)
                #expect(try store.grant(.loginToken, secretHash: [2]) == nil)
            }
            try database.writing { store in
                // The same secret takes the other's place.
                try store.setGrant(grant(.deviceCode, 1, expiresAt: 30, user: bob), maximumCount: 5)
                #expect(try store.grant(.deviceCode, secretHash: [1])?.userID == bob)
                try store.deleteGrant(.loginToken, secretHash: [1])
                #expect(try store.grant(.loginToken, secretHash: [1]) == nil)
                try store.deleteGrants(.loginToken, of: bob)
                #expect(try store.grant(.deviceCode, secretHash: [1]) != nil)
                try store.deleteGrants(.deviceCode, of: bob)
                #expect(try store.grant(.deviceCode, secretHash: [1]) == nil)
            }
        }
    }

    @Test(arguments: Backend.all) func thereAreOnlySoManyAndTheyEnd(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.writing { store in
                for number in 1...5 as ClosedRange<UInt8> {
                    try store.setGrant(grant(.openID, number, expiresAt: Int64(number)), maximumCount: 3)
                }
                try store.setGrant(grant(.browser, 1, expiresAt: 1), maximumCount: 3)
                let kept = try (1...5 as ClosedRange<UInt8>).filter {
                    try store.grant(.openID, secretHash: [$0]) != nil
                }
                #expect(kept == [3, 4, 5])
                try store.deleteGrants(expiredAt: 4)
                let left = try (1...5 as ClosedRange<UInt8>).filter {
                    try store.grant(.openID, secretHash: [$0]) != nil
                }
                #expect(left == [5])
                #expect(try store.grant(.browser, secretHash: [1]) == nil)
            }
        }
    }

    @Test(arguments: Backend.all) func registrationTokensAreReplacedAndDeleted(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            var token = RegistrationTokenRecord(token: "b", usesAllowed: 2, expiresAt: nil, createdAt: 1)
            try database.writing { store in
                try store.setRegistrationToken(token)
                try store.setRegistrationToken(
                    RegistrationTokenRecord(token: "a", usesAllowed: nil, expiresAt: 9, createdAt: 2))
                token.completedCount = 1
                try store.setRegistrationToken(token)
                #expect(try store.registrationTokens().map(\.token) == ["a", "b"])
                #expect(try store.registrationToken("b") == token)
                try store.deleteRegistrationToken("b")
                #expect(try store.registrationToken("b") == nil)
            }
        }
    }

    @Test func aTokenIsUsableUntilItsLastUseAndItsEnd() {
        func isUsable(_ allowed: Int64?, _ completed: Int64, _ end: Int64?) -> Bool {
            RegistrationTokenRecord(
                token: "t", usesAllowed: allowed, completedCount: completed, expiresAt: end, createdAt: 0
            ).isUsable(at: 100)
        }
        #expect(isUsable(nil, 1_000, nil) && isUsable(2, 1, 101))
        #expect(!isUsable(2, 2, nil) && !isUsable(nil, 0, 100) && !isUsable(0, 0, nil))
    }

    @Test(arguments: Backend.all) func clientsThatNobodyUsesAreForgotten(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.writing { store in
                try store.addAccount(alice)
                for (id, usedAt) in [("old", 1), ("in use", 2), ("older", 0), ("new", 9)] as [(String, Int64)] {
                    try store.setOAuthClient(OAuthClientRecord(clientID: id, metadata: [1], usedAt: usedAt))
                }
                let device = try store.upsertDevice("D", of: alice, displayName: nil)
                try store.setOAuthClient("in use", of: device)
                #expect(try store.device(device)?.oauthClient == "in use")
                try store.deleteOAuthClients(unusedSince: 5, limit: 1)
                #expect(try store.oauthClient("older") == nil)
                #expect(try store.oauthClientCount() == 3)
                try store.deleteOAuthClients(unusedSince: 5, limit: 10)
                #expect(try store.oauthClientCount() == 2)
                #expect(try store.oauthClient("in use") != nil)
            }
        }
    }
}

/// The states of accounts.
@Suite struct AccountStandingStoreTests {
    @Test(arguments: Backend.all) func standingIsKeptAndAccountsAreListed(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.writing { store in
                for user in [carol, alice, bob] { try store.addAccount(user) }
                let standing = AccountStanding(isLocked: true, isSuspended: false, isAdministrator: true)
                try store.setStanding(standing, of: bob)
                #expect(try store.account(bob)?.standing == standing)
                #expect(try store.account(alice)?.standing == AccountStanding())
                #expect(try store.accounts(after: nil, limit: 2).map(\.userID) == [alice, bob])
                #expect(try store.accounts(after: bob, limit: 2).map(\.userID) == [carol])
            }
        }
    }

    /// Rule 129.
    @Test(arguments: Backend.all) func aDeactivatedAccountKeepsItsNameOnly(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.writing { store in
                for user in [alice, bob] {
                    try store.addAccount(user)
                    try store.setProfileField("displayname", to: Array("\"x\"".utf8), of: user)
                    try store.setAccountData("x.y", of: user, room: nil, content: [1], at: at(1))
                }
                try store.deactivateAccount(alice, erasedAt: at(7))
                let account = try #require(try store.account(alice))
                #expect(account.isDeactivated && account.passwordHash == nil)
                #expect(try store.profile(of: alice).isEmpty)
                #expect(try store.accountData("x.y", of: alice, room: nil) == nil)
                #expect(try !store.profile(of: bob).isEmpty)
                #expect(try store.usersWithRoomsToLeave() == [alice])
                try store.setHasRoomsToLeave(false, userID: alice)
                #expect(try store.usersWithRoomsToLeave().isEmpty)
                #expect(try store.erasedUsers() == [alice: at(7)])
                // Once erased, always erased since then.
                try store.deactivateAccount(alice, erasedAt: at(9))
                #expect(try store.erasedUsers() == [alice: at(7)])
            }
        }
    }

    @Test(arguments: Backend.all) func retiredRefreshTokensAreKnownForAWhile(_ backend: Backend) async throws {
        try await backend.withDatabase { database throws in
            try database.writing { store in
                try store.addAccount(alice)
                let device = try store.upsertDevice("D", of: alice, displayName: nil)
                for number in 1...4 as ClosedRange<UInt8> {
                    let pair = try store.insertTokenPair(
                        TokenPairRecord(
                            number: 0, device: device, accessTokenHash: [number], refreshTokenHash: [number, number],
                            expiresAt: nil, replaces: nil))
                    let record = try #require(try store.tokenPair(pair))
                    try store.retireTokenPair(record, maximumCount: 2)
                    #expect(try store.tokenPair(pair) == nil)
                }
                let known = try (1...4 as ClosedRange<UInt8>).filter {
                    try store.device(retiredRefreshTokenHash: [$0, $0]) == device
                }
                #expect(known == [3, 4])
                try store.deleteDevice(device)
                #expect(try store.device(retiredRefreshTokenHash: [4, 4]) == nil)
            }
        }
    }
}
