import MatrixIdentifiers

/// What somebody was given for a while, against a secret: whoever shows the secret gets what it stands for.
///
/// Only the secret's hash is kept, so that the database opens no door.
public struct GrantRecord: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// `m.login.token`: signs somebody in once.
        case loginToken = "login_token"
        /// Tells another service who the user is.
        case openID = "openid"
        /// The code of the authorisation code grant.
        case authorizationCode = "authorization_code"
        /// The device code of the device authorisation grant.
        case deviceCode = "device_code"
        /// A browser that is signed in on our own pages.
        case browser = "browser"
        /// The user may replace his cross-signing keys; the secret is his user ID.
        case crossSigningReset = "cross_signing_reset"
    }

    public let kind: Kind
    /// SHA-256, 32 bytes.
    public let secretHash: [UInt8]
    /// Nil while nobody has taken it up.
    public let userID: UserID?
    /// JSON as bytes: what the grant is for.
    public let content: [UInt8]
    /// Milliseconds since 1970.
    public let expiresAt: Int64

    public init(kind: Kind, secretHash: [UInt8], userID: UserID?, content: [UInt8], expiresAt: Int64) {
        self.kind = kind
        self.secretHash = secretHash
        self.userID = userID
        self.content = content
        self.expiresAt = expiresAt
    }
}

/// Secrets that expire.
public protocol GrantReader {
    /// The grant, even when it has expired.
    func grant(_ kind: GrantRecord.Kind, secretHash: [UInt8]) throws -> GrantRecord?
}

public protocol GrantWriter: GrantReader {
    /// Keeps the grant in place of one with the same secret. Beyond `maximumCount` of its kind, the ones that expire
    /// first give way.
    func setGrant(_ grant: GrantRecord, maximumCount: Int) throws
    func deleteGrant(_ kind: GrantRecord.Kind, secretHash: [UInt8]) throws
    func deleteGrants(_ kind: GrantRecord.Kind, of userID: UserID) throws
    /// - Parameter milliseconds: since 1970.
    func deleteGrants(expiredAt milliseconds: Int64) throws
}
