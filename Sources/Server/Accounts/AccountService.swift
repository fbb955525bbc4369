import ApplicationServices
import CanonicalJSON
import Crypto
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import RateLimiting
import ServerEnvironment
import Synchronization
import UnpaddedBase64

/// Users, their devices and tokens.
public final class AccountService: Sendable {
    public let configuration: AccountConfiguration
    public let interactiveAuthentication: InteractiveAuthentication
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let environment: ServerEnvironment
    let departures: any RoomDeparting
    let rateLimiter: RateLimiter
    let erasedUsers: ErasedUsers
    let hasher = PasswordHasher()
    let sessions = SessionCache()
    let lastSeen = LastSeen()
    let deviceObserver = Mutex<(any DeviceObserver)?>(nil)

    public init(
        configuration: AccountConfiguration, database: any HomeserverDatabase, writes: WriteQueue,
        environment: ServerEnvironment, departures: any RoomDeparting, rateLimiter: RateLimiter,
        erasedUsers: ErasedUsers
    ) {
        self.configuration = configuration
        self.database = database
        self.writes = writes
        self.environment = environment
        self.departures = departures
        self.rateLimiter = rateLimiter
        self.erasedUsers = erasedUsers
        interactiveAuthentication = InteractiveAuthentication(environment: environment)
    }

    public var serverName: ServerName { configuration.serverName }

    /// The tokens and names that a client gets at sign-up and sign-in.
    public struct Credentials: Sendable {
        public let userID: UserID
        public let deviceID: String
        public let accessToken: String
        public let refreshToken: String?
        /// Milliseconds; nil for a token that does not expire.
        public let expiresIn: Int64?
    }

    /// What a client says of the device it signs in on.
    public struct DeviceRequest: Sendable {
        public let deviceID: String?
        public let displayName: String?
        public let wantsRefreshToken: Bool

        public init(deviceID: String?, displayName: String?, wantsRefreshToken: Bool) {
            self.deviceID = deviceID
            self.displayName = displayName
            self.wantsRefreshToken = wantsRefreshToken
        }

        /// Refuses what ``AccountService/signIn(_:device:)`` would, before anything is done.
        public func check() throws(MatrixError) {
            if let deviceID, !(1...255).contains(deviceID.utf8.count) || deviceID.utf8.contains(0) {
                throw .invalidParameter("'device_id' must have 1 to 255 bytes, and no NUL")
            }
            if let displayName { try AccountService.checkDeviceName(displayName) }
        }
    }

    // MARK: Sign-up

    /// The user ID for a localpart that is still free.
    ///
    /// - Parameter service: the application service that asks; nil for people.
    public func availableUserID(localpart: String, for service: ApplicationService? = nil) async throws -> UserID {
        guard let userID = UserID(localpart: localpart, serverName: serverName) else {
            throw MatrixError(
                400, .invalidUsername,
                "a user name may hold a-z, 0-9 and . _ = / + - and be at most 255 bytes with the server's name")
        }
        try configuration.applicationServices.check(userID, madeBy: service)
        guard !configuration.reservedLocalparts.contains(userID.localpart) else { throw userInUse }
        if try await database.read({ try $0.account(userID) }) != nil { throw userInUse }
        return userID
    }

    private var userInUse: MatrixError { MatrixError(400, .userInUse, "this user name is taken") }

    /// Makes the account. Without a localpart one is made up.
    ///
    /// - Parameter registrationToken: what the newcomer signs up with; one of its uses is spent.
    public func register(
        localpart: String?, password: String, registrationToken: String? = nil
    ) async throws -> UserID {
        try Self.checkStrength(of: password)
        let localpart = localpart ?? Self.randomLocalpart(environment)
        let userID = try await availableUserID(localpart: localpart)
        try await insertAccount(
            userID, password: password, standing: AccountStanding(), registrationToken: registrationToken)
        return userID
    }

    func insertAccount(
        _ userID: UserID, password: String?, standing: AccountStanding, registrationToken: String?
    ) async throws {
        var hash: String?
        if let password { hash = try await passwordHash(of: password) }
        let now = environment.timestamp
        let account = AccountRecord(userID: userID, passwordHash: hash, createdAt: now, standing: standing)
        let userInUse = userInUse
        try await writes.submit { context in
            guard try context.store.account(userID) == nil else { throw userInUse }
            // Looked at again here, so that two cannot share a token's last use.
            if let registrationToken, var token = try context.store.registrationToken(registrationToken) {
                guard token.isUsable(at: now) else {
                    throw MatrixError(401, .unauthorized, "the registration token has been used up")
                }
                token.completedCount += 1
                try context.store.setRegistrationToken(token)
            }
            try context.store.insertAccount(account)
            try context.store.setProfileField(
                "displayname", to: JSONValue.string(userID.localpart).bytes(), of: userID)
        }
    }

    func passwordHash(of password: String) async throws -> String {
        try Self.checkStrength(of: password)
        let salt = environment.randomBytes(PasswordHash.saltBytes)
        guard let hash = try await hashing({ try await self.hasher.hash(password, salt: salt) }) else {
            throw MatrixError(500, .unknown, "the password could not be hashed")
        }
        return hash
    }

    static let passwordBytes = 8...512

    static func checkStrength(of password: String) throws(MatrixError) {
        guard password.utf8.count >= passwordBytes.lowerBound else {
            throw MatrixError(400, .weakPassword, "a password needs at least \(passwordBytes.lowerBound) characters")
        }
        guard password.utf8.count <= passwordBytes.upperBound else {
            throw .invalidParameter("a password has at most \(passwordBytes.upperBound) bytes")
        }
    }

    private static func randomLocalpart(_ environment: ServerEnvironment) -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        return String(decoding: environment.randomBytes(12).map { letters[Int($0 & 31)] }, as: UTF8.self)
    }

    private func hashing<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch is PasswordHasher.Overloaded {
            throw MatrixError.limitExceeded("too many people are signing in", retryAfterMilliseconds: 5_000)
        }
    }

    // MARK: Sign-in

    /// Checks a user's password. The error does not tell whether the user exists.
    ///
    /// - Parameter address: where the client is; whoever guesses has to wait, by address and by account.
    public func checkPassword(_ password: String, of userID: UserID, address: String? = nil) async throws {
        if let address { try rateLimiter.check(.failedSignIns, of: address) }
        try rateLimiter.check(.failedSignInsToAccount, of: userID.string)
        do {
            try await verifyPassword(password, of: userID)
        } catch let error as MatrixError where error.code == .forbidden {
            if let address { try rateLimiter.take(.failedSignIns, of: address) }
            try rateLimiter.take(.failedSignInsToAccount, of: userID.string)
            throw error
        }
    }

    private func verifyPassword(_ password: String, of userID: UserID) async throws {
        let account = try await database.read { try $0.account(userID) }
        let mismatch = MatrixError.forbidden("the user name or the password is wrong")
        guard password.utf8.count <= Self.passwordBytes.upperBound else { throw mismatch }
        // An unknown user costs as much time as a known one.
        let hash = account?.passwordHash ?? Self.hashOfNobody
        let matches = try await hashing { try await self.hasher.matches(password, hash: hash) }
        guard matches, let account, account.passwordHash != nil else { throw mismatch }
        guard !account.isDeactivated else { throw MatrixError(403, .userDeactivated, "this account is deactivated") }
        guard !account.standing.isLocked else { throw Self.userLocked }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#account-locking
    public static let userLocked = MatrixError(
        401, .userLocked, "this account has been locked", details: ["soft_logout": .bool(true)])

    private static let hashOfNobody =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    /// Signs a user in on a device: a new one, or a known one whose earlier tokens end.
    ///
    /// - Parameter oauthClient: the client that OAuth 2.0 lets in; nil for the legacy API.
    public func signIn(
        _ userID: UserID, device request: DeviceRequest, oauthClient: String? = nil
    ) async throws -> Credentials {
        try request.check()
        let deviceID = request.deviceID ?? Self.randomDeviceID(environment)
        let tokens = makeTokens(wantsRefreshToken: request.wantsRefreshToken)
        let displayName = request.displayName
        let device = try await writes.submit { context in
            guard let account = try context.store.account(userID), !account.isDeactivated else {
                throw MatrixError(403, .userDeactivated, "this account is deactivated")
            }
            let device = try context.store.upsertDevice(deviceID, of: userID, displayName: displayName)
            try context.store.setOAuthClient(oauthClient, of: device)
            try context.store.deleteTokenPairs(of: device)
            _ = try context.store.insertTokenPair(tokens.record(device: device, replaces: nil))
            return device
        }
        sessions.remove(device: device)
        return Credentials(
            userID: userID, deviceID: deviceID, accessToken: tokens.accessToken, refreshToken: tokens.refreshToken,
            expiresIn: tokens.expiresIn)
    }

    private static func randomDeviceID(_ environment: ServerEnvironment) -> String {
        String(decoding: environment.randomBytes(10).map { 65 + $0 % 26 }, as: UTF8.self)
    }

    struct NewTokens: Sendable {
        let accessToken: String
        let refreshToken: String?
        let expiresIn: Int64?
        let expiresAt: Int64?

        func record(device: DeviceNumber, replaces: Int64?) -> TokenPairRecord {
            TokenPairRecord(
                number: 0, device: device, accessTokenHash: AccessToken.hash(accessToken),
                refreshTokenHash: refreshToken.map(AccessToken.hash), expiresAt: expiresAt, replaces: replaces)
        }
    }

    func makeTokens(wantsRefreshToken: Bool) -> NewTokens {
        let lifetime = wantsRefreshToken ? configuration.accessTokenLifetime.components.seconds * 1000 : nil
        return NewTokens(
            accessToken: AccessToken.make(.access, environment: environment),
            refreshToken: wantsRefreshToken ? AccessToken.make(.refresh, environment: environment) : nil,
            expiresIn: lifetime, expiresAt: lifetime.map { environment.timestamp + $0 })
    }
}
