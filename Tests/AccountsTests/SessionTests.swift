import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import ServerUnderTest
import Testing

@Suite struct SessionTests {
    private let address = "10.0.0.1"

    private func signIn(
        _ server: TestServer, device: String? = nil, refreshes: Bool = true
    ) async throws -> AccountService.Credentials {
        try await server.accounts.signIn(
            try await server.user("alice").userID,
            device: .init(deviceID: device, displayName: nil, wantsRefreshToken: refreshes))
    }

    /// What becomes of a token: `valid`, `soft` or `unknown`.
    private func fate(of token: String, on server: TestServer) async -> String {
        do {
            _ = try await server.accounts.session(accessToken: token, remoteAddress: address)
            return "valid"
        } catch {
            guard let error = error as? MatrixError, error.status == 401, error.code == .unknownToken else {
                return "\(error)"
            }
            return error.details["soft_logout"] == true ? "soft" : "unknown"
        }
    }

    @Test func aTokenNamesItsUserAndDevice() async throws {
        try await TestServer.run { server throws in
            let credentials = try await signIn(server, device: "PHONE", refreshes: false)
            #expect(credentials.refreshToken == nil)
            #expect(credentials.expiresIn == nil)
            for _ in 0..<2 {
                let session = try await server.accounts.session(
                    accessToken: credentials.accessToken, remoteAddress: address)
                #expect(session.userID.string == "@alice:test")
                #expect(session.deviceID == "PHONE")
            }
            #expect(await fate(of: "naru_a_nothing", on: server) == "unknown")
            server.clock.advance(milliseconds: 1 << 40)
            #expect(await fate(of: credentials.accessToken, on: server) == "valid")
            try await server.afterRestart { next throws in
                #expect(await fate(of: credentials.accessToken, on: next) == "valid")
            }
        }
    }

    /// Rule 6.
    @Test func anExpiredTokenIsASoftLogoutAsLongAsItsDeviceIsThere() async throws {
        try await TestServer.run { server throws in
            let credentials = try await signIn(server)
            let lifetime = try #require(credentials.expiresIn)
            server.clock.advance(milliseconds: lifetime - 1)
            #expect(await fate(of: credentials.accessToken, on: server) == "valid")
            server.clock.advance(milliseconds: 1)
            #expect(await fate(of: credentials.accessToken, on: server) == "soft")
            // The refresh token still works.
            let next = try await server.accounts.refresh(try #require(credentials.refreshToken))
            #expect(await fate(of: next.accessToken, on: server) == "valid")
            let userID = UserID("@alice:test")!
            try await server.accounts.deleteDevices([credentials.deviceID], of: userID)
            #expect(await fate(of: next.accessToken, on: server) == "unknown")
            #expect(await fate(of: credentials.accessToken, on: server) == "unknown")
        }
    }

    /// Rule 7.
    @Test func refreshedTokensEndTheEarlierOnesAtTheirFirstUse() async throws {
        try await TestServer.run { server throws in
            let first = try await signIn(server)
            #expect(await fate(of: first.accessToken, on: server) == "valid")
            let lost = try await server.accounts.refresh(try #require(first.refreshToken))
            // The answer got lost, so the client asks again with what it has.
            let second = try await server.accounts.refresh(try #require(first.refreshToken))
            #expect(second.deviceID == first.deviceID)
            #expect(await fate(of: lost.accessToken, on: server) == "unknown")
            #expect(await fate(of: first.accessToken, on: server) == "valid")
            #expect(await fate(of: second.accessToken, on: server) == "valid")
            #expect(await fate(of: first.accessToken, on: server) == "unknown")
            // Using the new refresh token is a first use as well.
            let third = try await server.accounts.refresh(try #require(second.refreshToken))
            let fourth = try await server.accounts.refresh(try #require(third.refreshToken))
            #expect(await fate(of: second.accessToken, on: server) == "unknown")
            #expect(await fate(of: third.accessToken, on: server) == "valid")
            #expect(await fate(of: fourth.accessToken, on: server) == "valid")
            #expect(await fate(of: third.accessToken, on: server) == "unknown")
            await #expect(throws: MatrixError.self) { _ = try await server.accounts.refresh("naru_r_nothing") }
            // An access token refreshes nothing.
            await #expect(throws: MatrixError.self) { _ = try await server.accounts.refresh(fourth.accessToken) }
        }
    }

    /// Rule 7.
    @Test func aRefreshTokenThatIsUsedAgainAfterItsSuccessorEndsTheSession() async throws {
        try await TestServer.run { server throws in
            let first = try await signIn(server, device: "PHONE")
            let other = try await signIn(server, device: "OTHER")
            let second = try await server.accounts.refresh(try #require(first.refreshToken))
            #expect(await fate(of: second.accessToken, on: server) == "valid")
            // Whoever shows the first token now has stolen it, or the other one has: both are out.
            await #expect(throws: MatrixError.self) {
                _ = try await server.accounts.refresh(try #require(first.refreshToken))
            }
            #expect(await fate(of: second.accessToken, on: server) == "unknown")
            await #expect(throws: MatrixError.self) {
                _ = try await server.accounts.refresh(try #require(second.refreshToken))
            }
            #expect(await fate(of: other.accessToken, on: server) == "valid")
            await #expect(throws: MatrixError.self) { try await server.accounts.device("PHONE", of: first.userID) }
        }
    }

    /// Rule 9.
    @Test func signingInAgainOnADeviceEndsItsTokens() async throws {
        try await TestServer.run { server throws in
            let first = try await signIn(server, device: "PHONE")
            #expect(await fate(of: first.accessToken, on: server) == "valid")
            let second = try await signIn(server, device: "PHONE")
            #expect(await fate(of: first.accessToken, on: server) == "unknown")
            await #expect(throws: MatrixError.self) {
                _ = try await server.accounts.refresh(try #require(first.refreshToken))
            }
            #expect(await fate(of: second.accessToken, on: server) == "valid")
            let devices = try await server.accounts.devices(of: second.userID)
            #expect(devices.count { $0.deviceID == "PHONE" } == 1)
        }
    }

    /// Rules 6 and 10.
    @Test func signingOutTakesTheDeviceAway() async throws {
        try await TestServer.run { server throws in
            let (phone, desk, tablet) = (
                try await signIn(server, device: "P"), try await signIn(server, device: "D"),
                try await signIn(server, device: "T")
            )
            for credentials in [phone, desk, tablet] {
                #expect(await fate(of: credentials.accessToken, on: server) == "valid")
            }
            let session = try await server.accounts.session(accessToken: phone.accessToken, remoteAddress: address)
            try await server.accounts.signOut(session)
            #expect(await fate(of: phone.accessToken, on: server) == "unknown")
            #expect(await fate(of: desk.accessToken, on: server) == "valid")
            await #expect(throws: MatrixError.self) { _ = try await server.accounts.device("P", of: phone.userID) }
            try await server.accounts.signOutEverywhere(desk.userID)
            #expect(await fate(of: desk.accessToken, on: server) == "unknown")
            #expect(await fate(of: tablet.accessToken, on: server) == "unknown")
            #expect(try await server.accounts.devices(of: desk.userID).isEmpty)
        }
    }

    /// A session that is read while its device goes away does not come back into the cache.
    @Test func aDeletedDeviceStaysDeletedForWhoAsksMeanwhile() async throws {
        try await TestServer.run { server throws in
            let credentials = try await signIn(server, device: "PHONE")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        if number == 20 {
                            try? await server.accounts.deleteDevices(["PHONE"], of: credentials.userID)
                        } else {
                            _ = await fate(of: credentials.accessToken, on: server)
                        }
                    }
                }
            }
            #expect(await fate(of: credentials.accessToken, on: server) == "unknown")
        }
    }

    @Test func devicesSayWhenTheyWereSeen() async throws {
        try await TestServer.run { server throws in
            let credentials = try await signIn(server, device: "PHONE")
            func seen() async throws -> Int64? {
                try await server.accounts.device("PHONE", of: credentials.userID).lastSeenAt
            }
            #expect(try await seen() == nil)
            #expect(await fate(of: credentials.accessToken, on: server) == "valid")
            let now = server.clock.now
            #expect(try await seen() == now)
            try await server.accounts.flushLastSeen()
            #expect(try await seen() == now)
            server.clock.advance(milliseconds: 60_000)
            #expect(await fate(of: credentials.accessToken, on: server) == "valid")
            #expect(try await seen() == now + 60_000)
            try await server.accounts.renameDevice("PHONE", of: credentials.userID, to: "My phone")
            let device = try await server.accounts.device("PHONE", of: credentials.userID)
            #expect(device.displayName == "My phone")
            #expect(device.lastSeenAddress == address)
        }
    }

    /// Rule 10: what clients keep about notifications for a device goes with it, whichever way it goes.
    @Test func notificationSettingsOfADeviceGoWithIt() async throws {
        try await TestServer.run { server throws in
            let phone = try await signIn(server, device: "P")
            for device in ["D", "T", "X"] { _ = try await signIn(server, device: device) }
            let prefixes = ["m.local_notification_settings.", "org.matrix.msc3890.local_notification_settings."]
            func kept() async throws -> Set<String> {
                let entries = try await server.database.read { store in
                    try store.accountData(of: phone.userID, room: nil, after: .zero)
                }
                return Set(entries.map(\.type))
            }
            for type in prefixes.flatMap({ prefix in ["P", "D", "T", "other"].map { prefix + $0 } }) {
                try await server.accounts.setAccountData(
                    type, of: phone.userID, room: nil, content: ["is_silenced": true])
            }
            try await server.accounts.deleteDevices(["P"], of: phone.userID)
            #expect(try await kept() == Set(prefixes.flatMap { prefix in ["D", "T", "other"].map { prefix + $0 } }))
            let keeper = try await server.accounts.device("D", of: phone.userID)
            try await server.accounts.resetPassword(
                of: phone.userID, to: "a new password", keeping: keeper.number)
            #expect(try await kept() == Set(prefixes.flatMap { prefix in ["D", "other"].map { prefix + $0 } }))
        }
    }
}
