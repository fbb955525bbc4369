import HTTPServing
import MatrixAPI

/// Signing in on our pages for clients of the legacy API.
///
/// https://spec.matrix.org/v1.19/client-server-api/#client-login-via-sso
extension AccountPages {
    /// Where the browser is sent to that a client has sent to us.
    ///
    /// - Parameter query: of the client's request.
    /// - Throws: when it does not say where to go back to.
    public func singleSignOnLocation(_ query: QueryParameters) throws(MatrixError) -> String {
        guard let redirectURL = query["redirectUrl"] else { throw .missingParameter("'redirectUrl' is missing") }
        guard Self.isSafe(redirectURL) else {
            throw .invalidParameter("'redirectUrl' is not an address that a browser can be sent to")
        }
        let page = LocalPath.make("/account/sso", [("redirectUrl", redirectURL)])
        guard query["action"] == "register" else { return page }
        return LocalPath.make("/account/sign-up", [("continue", page)])
    }

    /// Nothing that runs in our name, and nothing that could end a header.
    private static func isSafe(_ url: String) -> Bool {
        guard url.utf8.count <= 2_000, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let source = source(of: url)
        else { return false }
        let dangerous = ["javascript:", "data:", "vbscript:", "file:", "blob:", "about:", "filesystem:"]
        return !dangerous.contains(source) && (source.hasPrefix("http") || source.contains("."))
            || ["element:", "io.element.desktop:", "nheko:", "matrix:"].contains(source)
    }

    @Sendable func singleSignOn(_ call: PageCall) async throws -> PageAnswer {
        guard let redirectURL = call.query["redirectUrl"], Self.isSafe(redirectURL),
            let source = Self.source(of: redirectURL)
        else { return call.problem(call.texts.errors.badRequest) }
        guard let browser = call.browser else { return signInFirst(call) }
        guard call.request.method == "POST" else {
            let texts = call.texts.sso
            var answer = PageAnswer.page(
                texts.title,
                """
                \(FormPart.person(name: try await displayName(of: browser.userID), userID: browser.userID.string))
                <p>\(texts.lead(source))</p>
                \(call.formElement(FormPart.button(texts.submit)))
                """)
            answer.formTargets = [source]
            return answer
        }
        let token = try await accounts.issueLoginToken(for: browser.userID)
        return .redirect(to: Self.adding("loginToken", token, to: redirectURL))
    }

    /// Adds a parameter to an address that may have a query and a fragment.
    static func adding(_ name: String, _ value: String, to url: String) -> String {
        let parts = url.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let base = String(parts[0])
        let fragment = parts.count > 1 ? "#" + parts[1] : ""
        return base + (base.contains("?") ? "&" : "?") + "\(name)=\(PercentEncoding.encode(value))" + fragment
    }
}
