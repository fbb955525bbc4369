import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// A grant as services see it.
package struct Grant: Sendable {
    package let userID: UserID?
    package let content: JSONObject
    /// Milliseconds since 1970.
    package let expiresAt: Int64

    package init(userID: UserID?, content: JSONObject, expiresAt: Int64) {
        self.userID = userID
        self.content = content
        self.expiresAt = expiresAt
    }
}

/// Secrets that stand for something for a while: see ``HomeserverStore/GrantRecord``.
extension AccountService {
    /// How many of a kind there may be; beyond it the oldest give way. Each takes some hundred bytes.
    private static func maximumCount(_ kind: GrantRecord.Kind) -> Int {
        switch kind {
        // Whoever asks for one is signed in.
        case .loginToken, .openID, .authorizationCode, .browser, .crossSigningReset: 50_000
        // Anybody can ask for one.
        case .deviceCode: 5_000
        }
    }

    /// Keeps what `content` says under a new secret, and answers the secret.
    package func issue(
        _ kind: GrantRecord.Kind, for userID: UserID?, content: JSONObject = [:], lifetimeMilliseconds: Int64
    ) async throws -> String {
        let secret = AccessToken.makeSecret(environment: environment)
        let grant = Grant(
            userID: userID, content: content, expiresAt: environment.timestamp + lifetimeMilliseconds)
        try await setGrant(kind, secret: secret, to: grant)
        return secret
    }

    package func setGrant(_ kind: GrantRecord.Kind, secret: String, to grant: Grant) async throws {
        try await writes.submit { context in try Self.set(grant, kind, secret: secret, context) }
    }

    private static func set(
        _ grant: Grant, _ kind: GrantRecord.Kind, secret: String, _ context: WriteContext
    ) throws {
        try context.store.setGrant(
            GrantRecord(
                kind: kind, secretHash: AccessToken.hash(secret), userID: grant.userID,
                content: grant.content.bytes(), expiresAt: grant.expiresAt),
            maximumCount: maximumCount(kind))
    }

    /// What a secret stands for; nil when it is unknown or has expired.
    package func grant(_ kind: GrantRecord.Kind, secret: String) async throws -> Grant? {
        let now = environment.timestamp
        return try await database.read { try Self.find(kind, secret: secret, now: now, $0) }
    }

    /// As ``grant(_:secret:)``, and ends the grant: of two who come at once one gets it.
    package func redeem(_ kind: GrantRecord.Kind, secret: String) async throws -> Grant? {
        let now = environment.timestamp
        return try await writes.submit { context in
            guard let grant = try Self.find(kind, secret: secret, now: now, context.store) else { return nil }
            try context.store.deleteGrant(kind, secretHash: AccessToken.hash(secret))
            return grant
        }
    }

    /// Changes a grant by what it is, with nothing in between. Nil from `change` ends it.
    package func updateGrant(
        _ kind: GrantRecord.Kind, secret: String, change: @escaping @Sendable (Grant) throws -> Grant?
    ) async throws -> Grant? {
        let now = environment.timestamp
        return try await writes.submit { context in
            guard let grant = try Self.find(kind, secret: secret, now: now, context.store) else { return nil }
            if let changed = try change(grant) {
                try Self.set(changed, kind, secret: secret, context)
            } else {
                try context.store.deleteGrant(kind, secretHash: AccessToken.hash(secret))
            }
            return grant
        }
    }

    private static func find(
        _ kind: GrantRecord.Kind, secret: String, now: Int64, _ store: any StoreReader
    ) throws -> Grant? {
        guard let record = try store.grant(kind, secretHash: AccessToken.hash(secret)), record.expiresAt > now,
            case .object(let content) = try JSONParser.parse(record.content)
        else { return nil }
        return Grant(userID: record.userID, content: content, expiresAt: record.expiresAt)
    }

    package func endGrant(_ kind: GrantRecord.Kind, secret: String) async throws {
        try await writes.submit { try $0.store.deleteGrant(kind, secretHash: AccessToken.hash(secret)) }
    }

    /// Called now and then.
    package func deleteExpiredGrants() async throws {
        let now = environment.timestamp
        try await writes.submit { try $0.store.deleteGrants(expiredAt: now) }
    }

    // MARK: Tokens for signing in

    /// Milliseconds; the specification recommends two minutes.
    public static let loginTokenLifetime: Int64 = 120_000

    /// A token that signs another client of the user in, once.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv1loginget_token
    public func issueLoginToken(for userID: UserID) async throws -> String {
        try await issue(.loginToken, for: userID, lifetimeMilliseconds: Self.loginTokenLifetime)
    }

    /// The user whom a login token signs in; the token ends with it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#token-based
    public func redeemLoginToken(_ token: String) async throws -> UserID {
        guard let userID = try await redeem(.loginToken, secret: token)?.userID,
            let account = try await account(userID)
        else { throw MatrixError.forbidden("the login token is unknown, has been used or has expired") }
        guard !account.isDeactivated else { throw MatrixError(403, .userDeactivated, "this account is deactivated") }
        guard !account.standing.isLocked else { throw Self.userLocked }
        return userID
    }

    // MARK: OpenID

    /// Milliseconds.
    public static let openIDTokenLifetime: Int64 = 3_600_000

    /// A token that tells another service who the user is, and nothing else.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#openid
    public func issueOpenIDToken(for userID: UserID) async throws -> String {
        try await issue(.openID, for: userID, lifetimeMilliseconds: Self.openIDTokenLifetime)
    }

    public func userID(openIDToken token: String) async throws -> UserID {
        guard let userID = try await grant(.openID, secret: token)?.userID else {
            throw MatrixError(401, .unknownToken, "the OpenID token is unknown or has expired")
        }
        return userID
    }

    // MARK: Cross-signing

    /// Milliseconds in which the client may replace the keys, after the user has agreed on our page.
    public static let crossSigningResetLifetime: Int64 = 10 * 60_000

    /// Lets the user replace his cross-signing keys once, with a client that was let in by OAuth 2.0.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#oauth-authentication
    public func allowCrossSigningReset(_ userID: UserID) async throws {
        let expiresAt = environment.timestamp + Self.crossSigningResetLifetime
        try await setGrant(
            .crossSigningReset, secret: userID.string,
            to: Grant(userID: userID, content: [:], expiresAt: expiresAt))
    }

    public func isCrossSigningResetAllowed(_ userID: UserID) async throws -> Bool {
        try await grant(.crossSigningReset, secret: userID.string) != nil
    }

    /// To be called when the keys have been replaced.
    public func endCrossSigningReset(_ userID: UserID) async throws {
        try await endGrant(.crossSigningReset, secret: userID.string)
    }
}
