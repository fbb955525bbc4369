/// A program that has registered itself with the authorisation server.
public struct OAuthClientRecord: Sendable, Equatable {
    public let clientID: String
    /// JSON as bytes.
    public let metadata: [UInt8]
    /// When it was registered or signed in with; milliseconds since 1970.
    public let usedAt: Int64

    public init(clientID: String, metadata: [UInt8], usedAt: Int64) {
        self.clientID = clientID
        self.metadata = metadata
        self.usedAt = usedAt
    }
}

/// The clients of OAuth 2.0.
public protocol OAuthClientReader {
    func oauthClient(_ clientID: String) throws -> OAuthClientRecord?
    func oauthClientCount() throws -> Int
}

public protocol OAuthClientWriter: OAuthClientReader {
    /// Inserts the client, or sets when it was used.
    func setOAuthClient(_ client: OAuthClientRecord) throws
    /// Deletes clients that were not used since, and that no device has: https://spec.matrix.org/v1.19/client-server-api/#dynamic-client-registration-flow
    ///
    /// - Parameter milliseconds: since 1970.
    func deleteOAuthClients(unusedSince milliseconds: Int64, limit: Int) throws
}
