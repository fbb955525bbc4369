import CanonicalJSON
import HTTPServing
import MatrixAPI
import OAuth

/// What clients themselves call: JSON, from any origin.
extension AccountPages {
    static let issuerPath = "/"

    /// https://spec.matrix.org/v1.19/client-server-api/#server-metadata-discovery
    ///
    /// - Throws: `M_UNRECOGNIZED` when the request does not say where the server is.
    public func metadata(for request: HTTPRequest) throws(MatrixError) -> JSONObject {
        guard let base = BaseURL.of(request, configured: baseURL) else {
            throw MatrixError(404, .unrecognized, "the server's address is not known")
        }
        func address(_ path: String) -> JSONValue { .string(base + path) }
        return [
            "issuer": address(Self.issuerPath),
            "authorization_endpoint": address("/oauth2/authorize"),
            "token_endpoint": address("/oauth2/token"),
            "revocation_endpoint": address("/oauth2/revoke"),
            "registration_endpoint": address("/oauth2/register"),
            "device_authorization_endpoint": address("/oauth2/device_authorization"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment"],
            "grant_types_supported": [
                .string(GrantType.authorizationCode.rawValue), .string(GrantType.refreshToken.rawValue),
                .string(GrantType.deviceCode.rawValue),
            ],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["urn:matrix:client:api:*", "urn:matrix:org.matrix.msc2967.client:api:*"],
            "prompt_values_supported": ["create"],
            "authorization_response_iss_parameter_supported": true,
            "ui_locales_supported": .array(PageTexts.all.map { .string($0.languageTag) }),
            "account_management_uri": address("/account"),
            "account_management_actions_supported": .array(AccountAction.advertised.map { .string($0) }),
        ]
    }

    /// Nil for what is none of these endpoints.
    func oauthEndpoint(_ request: HTTPRequest, address: String) async throws -> HTTPResponse? {
        let endpoint: @Sendable (HTTPRequest) async throws -> HTTPResponse
        switch request.path {
        case "/oauth2/token": endpoint = token
        case "/oauth2/revoke": endpoint = revoke
        case "/oauth2/register": endpoint = register
        case "/oauth2/device_authorization": endpoint = deviceAuthorization
        default: return nil
        }
        guard request.method == "POST" else {
            throw MatrixError(405, .unrecognized, "this endpoint has the method POST only")
        }
        do {
            try limiter.take(.strangers, of: address)
            return try await endpoint(request)
        } catch let error as OAuthError {
            return Self.json(error.status, error.json)
        }
    }

    private static func json(_ status: Int, _ object: JSONObject) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache"),
                ("Access-Control-Allow-Origin", "*"),
                ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
                ("Access-Control-Allow-Headers", "X-Requested-With, Content-Type, Authorization"),
            ], body: object.bytes())
    }

    private static func form(_ request: HTTPRequest) -> @Sendable (String) -> String? {
        let parameters = QueryParameters(String(decoding: request.body, as: UTF8.self))
        return { parameters[$0] }
    }

    @Sendable private func token(_ request: HTTPRequest) async throws -> HTTPResponse {
        Self.json(200, try await oauth.token(Self.form(request)).json)
    }

    @Sendable private func revoke(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await oauth.revoke(Self.form(request))
        return Self.json(200, [:])
    }

    private static let maximumMetadataBytes = 16_384

    /// https://www.rfc-editor.org/rfc/rfc7591#section-3
    @Sendable private func register(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.body.count <= Self.maximumMetadataBytes,
            case .some(.object(let metadata)) = try? JSONParser.parse(request.body)
        else { throw OAuthError(.invalidClientMetadata, "the body must be a JSON object, and not a large one") }
        let client = try await oauth.register(metadata)
        var answer = client.metadata
        answer["client_id"] = .string(client.clientID)
        answer["client_id_issued_at"] = .integer(environment.timestamp / 1000)
        return Self.json(201, answer)
    }

    /// https://www.rfc-editor.org/rfc/rfc8628#section-3.2
    @Sendable private func deviceAuthorization(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let base = BaseURL.of(request, configured: baseURL) else {
            throw OAuthError(.invalidRequest, "the request does not say which host it is for")
        }
        let device = try await oauth.authorizeDevice(Self.form(request))
        return Self.json(
            200,
            [
                "device_code": .string(device.deviceCode), "user_code": .string(device.userCode),
                "verification_uri": .string(base + "/oauth2/link"),
                "verification_uri_complete": .string(base + "/oauth2/link?user_code=" + device.userCode),
                "expires_in": .integer(device.expiresIn), "interval": .integer(device.interval),
            ])
    }
}
