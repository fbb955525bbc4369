import Foundation
import MatrixAPI

/// What a client asks of the authorisation endpoint, checked.
///
/// https://spec.matrix.org/v1.19/client-server-api/#authorisation-code-flow
public struct AuthorizationRequest: Sendable {
    public enum ResponseMode: String, Sendable {
        case query
        case fragment
    }

    public let client: OAuthClient
    public let redirectURI: String
    public let responseMode: ResponseMode
    public let state: String?
    public let scope: OAuthScope
    /// base64url of the SHA-256 of the verifier that only the client knows.
    public let codeChallenge: String
    /// Whether the user wants to sign up: `prompt=create`.
    public let wantsSignUp: Bool

    /// Where an answer can be sent, even one that says no.
    public struct Callback: Sendable {
        let redirectURI: String
        let responseMode: ResponseMode
        let state: String?
    }

    /// What is wrong with a request, and where to say so.
    public enum Refusal: Error, Sendable {
        /// The client or its redirect URI are not known: the browser must not be sent anywhere.
        case untrusted(OAuthError)
        case redirect(OAuthError, Callback)
    }

    private static let maximumStateBytes = 2_000

    /// - Parameter parameter: gives the query's parameters by name.
    init(client: OAuthClient, parameter: (String) -> String?) throws(Refusal) {
        self.client = client
        guard let redirectURI = parameter("redirect_uri"), client.allowsRedirect(to: redirectURI) else {
            throw .untrusted(OAuthError(.invalidRequest, "redirect_uri is not one that the client has registered"))
        }
        self.redirectURI = redirectURI
        state = parameter("state")
        let mode = parameter("response_mode").map { ResponseMode(rawValue: $0) } ?? .query
        responseMode = mode ?? .query
        let callback = Callback(redirectURI: redirectURI, responseMode: responseMode, state: state)
        func refuse(_ code: OAuthError.Code, _ message: String) -> Refusal {
            .redirect(OAuthError(code, message), callback)
        }
        guard mode != nil else { throw refuse(.invalidRequest, "response_mode must be query or fragment") }
        guard (state?.utf8.count ?? 0) <= Self.maximumStateBytes else {
            throw refuse(.invalidRequest, "state is too long")
        }
        guard parameter("response_type") == "code" else {
            throw refuse(.unsupportedResponseType, "response_type must be code")
        }
        guard parameter("code_challenge_method") == "S256", let challenge = parameter("code_challenge"),
            challenge.utf8.count == 43
        else { throw refuse(.invalidRequest, "PKCE is needed, with code_challenge_method S256") }
        codeChallenge = challenge
        do {
            scope = try OAuthScope(parameter("scope") ?? "")
        } catch {
            throw .redirect(error, callback)
        }
        let prompts = (parameter("prompt") ?? "").split(separator: " ")
        // Nobody is let in without being asked.
        guard !prompts.contains("none") else { throw refuse(.consentRequired, "the user has to be asked") }
        wantsSignUp = prompts.contains("create")
    }

    public var callback: Callback { Callback(redirectURI: redirectURI, responseMode: responseMode, state: state) }
}

extension AuthorizationRequest.Callback {
    /// The address that the browser is sent to, with the answer in it.
    ///
    /// - Parameter issuer: so that the client knows who answers: https://www.rfc-editor.org/rfc/rfc9207
    func url(issuer: String, _ parameters: [(name: String, value: String)]) -> String {
        var all = parameters
        if let state { all.append(("state", state)) }
        all.append(("iss", issuer))
        let text = all.map { "\($0.name)=\(FormEncoding.encode($0.value))" }.joined(separator: "&")
        switch responseMode {
        case .fragment: return "\(redirectURI)#\(text)"
        case .query: return redirectURI + (redirectURI.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + text
        }
    }
}

enum FormEncoding {
    private static let allowed = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func encode(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
}
