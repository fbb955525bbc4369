import Accounts
import CanonicalJSON
import HTTPServing
import MatrixAPI
import MatrixIdentifiers
import OAuth

extension AccountPages {
    /// The authorisation endpoint: https://spec.matrix.org/v1.19/client-server-api/#authorisation-code-flow
    @Sendable func authorize(_ call: PageCall) async throws -> PageAnswer {
        let issuer = call.baseURL + Self.issuerPath
        let request: AuthorizationRequest
        do {
            request = try await oauth.authorizationRequest { call.query[$0] }
        } catch let refusal as AuthorizationRequest.Refusal {
            switch refusal {
            case .untrusted(let error):
                let texts = call.texts.errors
                return call.problem(error.code == .invalidClient ? texts.unknownClient : texts.badRequest)
            case .redirect(let error, let callback):
                return .redirect(to: oauth.refuse(callback, error, issuer: issuer))
            }
        }
        // After signing up the browser comes back without the wish, or it would sign up for ever.
        if request.wantsSignUp { return .redirect(to: signUpPath(call)) }
        guard let browser = call.browser else { return signInFirst(call) }
        guard call.request.method == "POST" else { return try await consentPage(call, request, browser.userID) }
        switch call.form["decision"] {
        case "accept":
            return .redirect(to: try await oauth.accept(request, by: browser.userID, issuer: issuer))
        default:
            let error = OAuthError(.accessDenied, "the user did not agree")
            return .redirect(to: oauth.refuse(request.callback, error, issuer: issuer))
        }
    }

    private func signUpPath(_ call: PageCall) -> String {
        let kept = ["client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "code_challenge"]
        let parameters = (kept + ["code_challenge_method", "ui_locales"]).map { ($0, call.query[$0]) }
        return LocalPath.make(
            "/account/sign-up",
            [
                ("continue", LocalPath.make(call.request.path, parameters)),
                ("ui_locales", call.query["ui_locales"]),
            ])
    }

    private func consentPage(
        _ call: PageCall, _ request: AuthorizationRequest, _ userID: UserID
    ) async throws -> PageAnswer {
        var answer = try await consent(
            call, client: request.client, deviceID: request.scope.deviceID, userID: userID, warning: nil)
        answer.formTargets = [Self.source(of: request.redirectURI)].compactMap { $0 }
        return answer
    }

    /// Asks whether a client is to be let in.
    ///
    /// - Parameter warning: what to look out for.
    func consent(
        _ call: PageCall, client: OAuthClient, deviceID: String, userID: UserID, warning: HTML?
    ) async throws -> PageAnswer {
        let texts = call.texts.consent
        let name = try await displayName(of: userID)
        let documents = [(texts.terms, client.termsURI), (texts.policy, client.policyURI)]
            .compactMap { text, uri -> HTML? in
                uri.map { "<a href=\"\($0)\" target=\"_blank\" rel=\"noopener noreferrer\">\(text)</a> " }
            }
        let links: HTML = documents.isEmpty ? .nothing : "<p class=\"aside\">\(documents)</p>"
        let facts = FormPart.facts([
            (texts.client, client.displayName, false), (texts.website, client.host, true),
            (texts.device, deviceID, true),
        ])
        let buttons: HTML = """
            <div class="actions">\(FormPart.button(texts.accept, name: "decision", value: "accept"))\
            \(FormPart.button(texts.refuse, name: "decision", value: "refuse", style: ""))</div>
            """
        let switching = call.formElement(
            "<button class=\"plain\">\(texts.switchUser)</button>",
            action: LocalPath.make("/account/sign-out", [("continue", call.pathAndQuery)]))
        return .page(
            texts.title(client.displayName),
            """
            \(FormPart.person(name: name, userID: userID.string))
            \(warning ?? .nothing)
            <p>\(texts.lead)</p>
            <ul class="bullets">\(texts.powers.map { "<li>\($0)</li>" as HTML })</ul>
            \(facts)\(links)
            \(call.formElement(buttons))
            \(switching)
            """)
    }

    /// As a Content Security Policy names it: `https://example.org`, or `org.example.app:`.
    static func source(of uri: String) -> String? {
        guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = uri[..<colon].lowercased()
        let isScheme = scheme.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || [0x2B, 0x2D, 0x2E].contains(byte)
        }
        guard isScheme else { return nil }
        guard ["http", "https"].contains(scheme) else { return "\(scheme):" }
        let authority = uri[uri.utf8.index(after: colon)...].dropFirst(2).prefix { !"/?#".contains($0) }
        // What could end the directive is no host.
        guard !authority.isEmpty, !authority.contains(where: { ";, '\"".contains($0) }) else { return nil }
        return "\(scheme)://\(authority)"
    }
}
