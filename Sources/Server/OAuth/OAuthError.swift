import CanonicalJSON

/// An answer that says no in the words of OAuth 2.0.
///
/// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
public struct OAuthError: Error, Sendable, Equatable {
    public enum Code: String, Sendable {
        case accessDenied = "access_denied"
        case authorizationPending = "authorization_pending"
        case consentRequired = "consent_required"
        case expiredToken = "expired_token"
        case invalidClient = "invalid_client"
        case invalidClientMetadata = "invalid_client_metadata"
        case invalidGrant = "invalid_grant"
        case invalidRedirectURI = "invalid_redirect_uri"
        case invalidRequest = "invalid_request"
        case invalidScope = "invalid_scope"
        case serverError = "server_error"
        case slowDown = "slow_down"
        case temporarilyUnavailable = "temporarily_unavailable"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
    }

    public let code: Code
    /// For developers; names what was wrong and never a secret.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The HTTP status at the endpoints that answer with JSON.
    public var status: Int {
        switch code {
        case .invalidClient: 401
        case .serverError: 500
        case .temporarilyUnavailable: 503
        default: 400
        }
    }

    public var json: JSONObject { ["error": .string(code.rawValue), "error_description": .string(message)] }
}
