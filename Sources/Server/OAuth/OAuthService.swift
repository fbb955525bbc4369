import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers
import ServerEnvironment

/// The authorisation server: lets clients in on behalf of users who have agreed on our pages.
///
/// It gives out sessions of the same accounts, devices and tokens as the legacy API does.
///
/// https://spec.matrix.org/v1.19/client-server-api/#oauth-20-api
public final class OAuthService: Sendable {
    let accounts: AccountService
    let database: any HomeserverDatabase
    let writes: WriteQueue
    let environment: ServerEnvironment

    public init(
        accounts: AccountService, database: any HomeserverDatabase, writes: WriteQueue, environment: ServerEnvironment
    ) {
        self.accounts = accounts
        self.database = database
        self.writes = writes
        self.environment = environment
    }

    // MARK: Clients

    private static let maximumClients = 10_000
    /// How long a client is kept that nobody signs in with.
    static let unusedClientLifetime: Int64 = 24 * 60 * 60 * 1000
    private static let maximumDeletedAtOnce = 500

    /// https://spec.matrix.org/v1.19/client-server-api/#dynamic-client-registration-flow
    public func register(_ metadata: JSONObject) async throws -> OAuthClient {
        let client = try OAuthClient(metadata)
        let record = OAuthClientRecord(
            clientID: client.clientID, metadata: client.metadata.bytes(), usedAt: environment.timestamp)
        try await writes.submit { context in
            if try context.store.oauthClient(client.clientID) == nil,
                try context.store.oauthClientCount() >= Self.maximumClients
            {
                // The one that has waited longest gives way, unless somebody is signed in with it.
                try context.store.deleteOAuthClients(unusedSince: record.usedAt, limit: 1)
                guard try context.store.oauthClientCount() < Self.maximumClients else {
                    throw OAuthError(.temporarilyUnavailable, "too many clients are registered")
                }
            }
            try context.store.setOAuthClient(record)
        }
        return client
    }

    /// Nil when there is no such client.
    public func client(_ clientID: String) async throws -> OAuthClient? {
        guard let record = try await database.read({ try $0.oauthClient(clientID) }),
            case .object(let metadata) = try JSONParser.parse(record.metadata)
        else { return nil }
        return try OAuthClient(metadata)
    }

    func requiredClient(_ clientID: String?) async throws -> OAuthClient {
        guard let clientID else { throw OAuthError(.invalidRequest, "client_id is missing") }
        guard let client = try await client(clientID) else {
            throw OAuthError(.invalidClient, "the client is not registered, or was not used for long; register again")
        }
        return client
    }

    private func noteUse(of client: OAuthClient) async throws {
        let record = OAuthClientRecord(
            clientID: client.clientID, metadata: client.metadata.bytes(), usedAt: environment.timestamp)
        try await writes.submit { try $0.store.setOAuthClient(record) }
    }

    /// Called now and then.
    public func deleteUnusedClients() async throws {
        let limit = environment.timestamp - Self.unusedClientLifetime
        try await writes.submit {
            try $0.store.deleteOAuthClients(unusedSince: limit, limit: Self.maximumDeletedAtOnce)
        }
    }

    // MARK: Sessions

    /// What the token endpoint answers.
    public struct Tokens: Sendable {
        let credentials: AccountService.Credentials
        let scope: String?

        public var json: JSONObject {
            var json: JSONObject = [
                "access_token": .string(credentials.accessToken), "token_type": "Bearer",
                "expires_in": .integer((credentials.expiresIn ?? 0) / 1000),
            ]
            json["refresh_token"] = credentials.refreshToken.map { .string($0) }
            json["scope"] = scope.map { .string($0) }
            return json
        }
    }

    func signIn(_ userID: UserID, scope: OAuthScope, client: OAuthClient) async throws -> Tokens {
        try await noteUse(of: client)
        do {
            let credentials = try await accounts.signIn(
                userID,
                device: .init(
                    deviceID: scope.deviceID, displayName: client.displayName, wantsRefreshToken: true),
                oauthClient: client.clientID)
            return Tokens(credentials: credentials, scope: scope.text)
        } catch let error as MatrixError {
            throw OAuthError(.invalidGrant, error.message)
        }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#refresh-token-grant
    func refresh(_ parameter: (String) -> String?) async throws -> Tokens {
        guard let token = parameter("refresh_token") else {
            throw OAuthError(.invalidRequest, "refresh_token is missing")
        }
        let client = try await requiredClient(parameter("client_id"))
        do {
            let credentials = try await accounts.refresh(token, oauthClient: client.clientID)
            return Tokens(credentials: credentials, scope: nil)
        } catch let error as MatrixError {
            throw OAuthError(.invalidGrant, error.message)
        }
    }

    /// The token endpoint.
    public func token(_ parameter: (String) -> String?) async throws -> Tokens {
        switch parameter("grant_type").flatMap(GrantType.init) {
        case .authorizationCode: try await exchangeCode(parameter)
        case .refreshToken: try await refresh(parameter)
        case .deviceCode: try await pollDeviceCode(parameter)
        case nil: throw OAuthError(.unsupportedGrantType, "grant_type is missing or not one that is offered")
        }
    }

    /// Signs the session out that a token belongs to; an unknown token is none of anybody's concern.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#token-revocation
    public func revoke(_ parameter: (String) -> String?) async throws {
        guard let token = parameter("token") else { throw OAuthError(.invalidRequest, "token is missing") }
        try await accounts.revoke(token)
    }
}
