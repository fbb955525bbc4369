import CanonicalJSON
import Crypto
import MatrixAPI
import UnpaddedBase64

/// A program that has registered itself, with what it says of itself.
///
/// https://spec.matrix.org/v1.19/client-server-api/#client-metadata
public struct OAuthClient: Sendable {
    public let clientID: String
    public let name: String?
    /// The host of the client's URI: the one thing that its redirect URIs bear out.
    public let host: String
    public let termsURI: String?
    public let policyURI: String?
    let redirectURIs: [RedirectURI]
    /// What was registered, without what is not understood.
    public let metadata: JSONObject

    private static let maximumRedirectURIs = 20
    private static let maximumNameBytes = 200
    private static let grantTypes = [
        GrantType.authorizationCode.rawValue, GrantType.refreshToken.rawValue, GrantType.deviceCode.rawValue,
    ]

    /// - Parameter request: what the client says, or what was stored of it.
    /// - Throws: `invalid_client_metadata` or `invalid_redirect_uri`.
    public init(_ request: JSONObject) throws(OAuthError) {
        do {
            try self.init(checking: request)
        } catch let error as OAuthError {
            throw error
        } catch let error as MatrixError {
            throw OAuthError(.invalidClientMetadata, error.message)
        } catch {
            throw OAuthError(.serverError, "the server failed")
        }
    }

    private init(checking request: JSONObject) throws {
        let clientURI = try request.string("client_uri")
        guard let base = WebURI(clientURI) else {
            throw OAuthError(.invalidClientMetadata, "client_uri must begin with https:// and have no user")
        }
        var metadata: JSONObject = ["client_uri": .string(clientURI)]
        for key in ["logo_uri", "tos_uri", "policy_uri"] {
            guard let uri = try request.optionalString(key) else { continue }
            guard WebURI(uri)?.isWithin(base.host) == true else {
                throw OAuthError(.invalidClientMetadata, "\(key) must be within the host of client_uri")
            }
            metadata[key] = .string(uri)
        }
        let name = try request.optionalString("client_name")
        if let name {
            guard name.utf8.count <= Self.maximumNameBytes else {
                throw OAuthError(.invalidClientMetadata, "client_name is too long")
            }
            metadata["client_name"] = .string(name)
        }
        let typeName = try request.optionalString("application_type") ?? ApplicationType.web.rawValue
        guard let type = ApplicationType(rawValue: typeName) else {
            throw OAuthError(.invalidClientMetadata, "application_type must be web or native")
        }
        metadata["application_type"] = .string(type.rawValue)

        let uris = try request.optionalStrings("redirect_uris") ?? []
        guard uris.count <= Self.maximumRedirectURIs else {
            throw OAuthError(.invalidRedirectURI, "there are too many redirect URIs")
        }
        redirectURIs = try uris.map { try RedirectURI($0, clientHost: base.host, applicationType: type) }
        metadata["redirect_uris"] = .array(uris.map { .string($0) })

        let grants = try request.optionalStrings("grant_types") ?? [GrantType.authorizationCode.rawValue]
        let understood = Self.grantTypes.filter(grants.contains)
        if understood.contains(GrantType.authorizationCode.rawValue), uris.isEmpty {
            throw OAuthError(.invalidRedirectURI, "the authorisation code grant needs a redirect URI")
        }
        metadata["grant_types"] = .array(understood.map { .string($0) })
        metadata["response_types"] = .array(
            try (request.optionalStrings("response_types") ?? ["code"]).filter { $0 == "code" }.map { .string($0) })
        // Clients are programs on people's machines, which can keep no secret: PKCE does what a secret would.
        metadata["token_endpoint_auth_method"] = "none"

        self.name = name
        host = base.host
        termsURI = metadata["tos_uri"]?.stringValue
        policyURI = metadata["policy_uri"]?.stringValue
        self.metadata = metadata
        // The same metadata make the same client, so that there are as many clients as programs, not as installations.
        let digest = SHA256.hash(data: metadata.bytes())
        clientID = String(UnpaddedBase64.encode(Array(digest), alphabet: .urlSafe).prefix(22))
    }

    /// What people are told whom they let in: the name is what the client claims, the host is what it has shown.
    public var displayName: String {
        guard let name, !name.isEmpty else { return host }
        return name
    }

    /// Whether the browser may be sent to `uri`.
    public func allowsRedirect(to uri: String) -> Bool { redirectURIs.contains { $0.allows(uri) } }
}

/// https://spec.matrix.org/v1.19/client-server-api/#grant-types
public enum GrantType: String, Sendable {
    case authorizationCode = "authorization_code"
    case refreshToken = "refresh_token"
    case deviceCode = "urn:ietf:params:oauth:grant-type:device_code"
}
