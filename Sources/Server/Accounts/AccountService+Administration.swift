import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// What administrators do with accounts; the endpoints and the commands translate to these.
extension AccountService {
    private static let noSuchUser = MatrixError.notFound("there is no such user")

    // MARK: Reading

    /// Nil when there is no such user.
    public func account(_ userID: UserID) async throws -> AccountRecord? {
        try await database.read { try $0.account(userID) }
    }

    private static let maximumPage = 1_000

    /// Accounts in order of their user IDs, the deactivated ones too.
    ///
    /// - Parameter userID: the last one of the page before; nil for the first page.
    public func listAccounts(after userID: UserID?, limit: Int) async throws -> [AccountRecord] {
        let limit = max(0, min(limit, Self.maximumPage))
        return try await database.read { try $0.accounts(after: userID, limit: limit) }
    }

    public func isAdministrator(_ userID: UserID) async throws -> Bool {
        try await account(userID)?.standing.isAdministrator ?? false
    }

    // MARK: Standing

    /// Locks or unlocks an account: https://spec.matrix.org/v1.19/client-server-api/#account-locking
    public func setLocked(_ isLocked: Bool, _ userID: UserID) async throws {
        try await changeStanding(of: userID) { $0.isLocked = isLocked }
    }

    /// Suspends an account or ends that: https://spec.matrix.org/v1.19/client-server-api/#account-suspension
    public func setSuspended(_ isSuspended: Bool, _ userID: UserID) async throws {
        try await changeStanding(of: userID) { $0.isSuspended = isSuspended }
    }

    public func setAdministrator(_ isAdministrator: Bool, _ userID: UserID) async throws {
        try await changeStanding(of: userID) { $0.isAdministrator = isAdministrator }
    }

    private func changeStanding(
        of userID: UserID, _ change: @escaping @Sendable (inout AccountStanding) -> Void
    ) async throws {
        try await writes.submit { [sessions] context in
            guard let account = try context.store.account(userID), !account.isDeactivated else {
                throw Self.noSuchUser
            }
            var standing = account.standing
            change(&standing)
            guard standing != account.standing else { return }
            try context.store.setStanding(standing, of: userID)
            // Sessions carry the standing, so that no request has to look for it.
            let devices = try context.store.devices(of: userID)
            context.onCommit { for device in devices { sessions.remove(device: device.number) } }
        }
    }

    // MARK: Making accounts and passwords

    /// Makes an account whoever may sign up otherwise.
    ///
    /// - Parameter password: nil for an account that nobody can sign in to until it has one.
    public func createAccount(
        localpart: String, password: String?, isAdministrator: Bool = false
    ) async throws -> UserID {
        let userID = try await availableUserID(localpart: localpart)
        let standing = AccountStanding(isAdministrator: isAdministrator)
        try await insertAccount(userID, password: password, standing: standing, registrationToken: nil)
        return userID
    }

    /// Gives an account another password.
    ///
    /// - Parameters:
    ///   - signsOutDevices: whether all devices but `kept` are signed out.
    ///   - kept: the device that asks, which stays signed in.
    public func resetPassword(
        of userID: UserID, to password: String, signsOutDevices: Bool = true, keeping kept: DeviceNumber? = nil
    ) async throws {
        let hash = try await passwordHash(of: password)
        try await writes.submit { [self] context in
            guard let account = try context.store.account(userID), !account.isDeactivated else {
                throw Self.noSuchUser
            }
            try context.store.setPasswordHash(hash, of: userID)
            guard signsOutDevices else { return }
            let devices = try context.store.devices(of: userID).map(\.number).filter { $0 != kept }
            for device in devices { try delete(device, in: context) }
            // A browser that is signed in on our pages, and codes that are not used yet, end as well.
            for kind in GrantRecord.Kind.allCases { try context.store.deleteGrants(kind, of: userID) }
            context.onCommit { [sessions] in for device in devices { sessions.remove(device: device) } }
        }
    }
}
