import Accounts
import CanonicalJSON
import Crypto
import MatrixAPI
import MatrixIdentifiers
import UnpaddedBase64

/// The authorisation code grant: https://spec.matrix.org/v1.19/client-server-api/#authorisation-code-grant
extension OAuthService {
    /// Milliseconds; a client exchanges its code at once.
    static let codeLifetime: Int64 = 120_000

    /// - Throws: ``AuthorizationRequest/Refusal``.
    public func authorizationRequest(_ parameter: (String) -> String?) async throws -> AuthorizationRequest {
        let client: OAuthClient
        do {
            client = try await requiredClient(parameter("client_id"))
        } catch let error as OAuthError {
            throw AuthorizationRequest.Refusal.untrusted(error)
        }
        return try AuthorizationRequest(client: client, parameter: parameter)
    }

    /// The user agrees. Answers where the browser goes.
    public func accept(_ request: AuthorizationRequest, by userID: UserID, issuer: String) async throws -> String {
        let code = try await accounts.issue(
            .authorizationCode, for: userID,
            content: [
                "client_id": .string(request.client.clientID), "redirect_uri": .string(request.redirectURI),
                "scope": .string(request.scope.text), "code_challenge": .string(request.codeChallenge),
            ], lifetimeMilliseconds: Self.codeLifetime)
        return request.callback.url(issuer: issuer, [("code", code)])
    }

    /// Where the browser goes when there is to be no session.
    public func refuse(_ callback: AuthorizationRequest.Callback, _ error: OAuthError, issuer: String) -> String {
        callback.url(issuer: issuer, [("error", error.code.rawValue), ("error_description", error.message)])
    }

    private static let wrongCode = OAuthError(.invalidGrant, "the code is unknown, has expired or was used before")

    /// Gives tokens for a code, once. Whoever uses a code again ends the session: one of the two has stolen it.
    func exchangeCode(_ parameter: (String) -> String?) async throws -> Tokens {
        guard let code = parameter("code"), let verifier = parameter("code_verifier"),
            let redirectURI = parameter("redirect_uri")
        else { throw OAuthError(.invalidRequest, "code, code_verifier and redirect_uri are needed") }
        let client = try await requiredClient(parameter("client_id"))
        let found = try await accounts.updateGrant(.authorizationCode, secret: code) { grant in
            var content = grant.content
            content["is_used"] = true
            return Grant(userID: grant.userID, content: content, expiresAt: grant.expiresAt)
        }
        guard let grant = found, let userID = grant.userID else { throw Self.wrongCode }
        let content = grant.content
        let scope = try OAuthScope(content["scope"]?.stringValue ?? "")
        guard content["is_used"] == nil else {
            try await accounts.deleteDevices([scope.deviceID], of: userID)
            throw Self.wrongCode
        }
        guard utf8Equal(content["client_id"]?.stringValue ?? "", client.clientID),
            utf8Equal(content["redirect_uri"]?.stringValue ?? "", redirectURI),
            Self.matches(verifier, challenge: content["code_challenge"]?.stringValue ?? "")
        else { throw Self.wrongCode }
        return try await signIn(userID, scope: scope, client: client)
    }

    /// https://www.rfc-editor.org/rfc/rfc7636#section-4.6
    static func matches(_ verifier: String, challenge: String) -> Bool {
        guard (43...128).contains(verifier.utf8.count) else { return false }
        let digest = SHA256.hash(data: Array(verifier.utf8))
        return AccessToken.areEqual(UnpaddedBase64.encode(Array(digest), alphabet: .urlSafe), challenge)
    }
}
