import Accounts
import CanonicalJSON
import HTTPServing
import MatrixAPI
import MatrixIdentifiers
import OAuth
import RateLimiting
import ServerEnvironment
import UnpaddedBase64

/// The pages where people sign in, let clients in and look after their accounts, and the endpoints of OAuth 2.0.
///
/// Plain HTML that works without scripts.
public struct AccountPages: Sendable {
    /// Changes the display name, in the profile and in the rooms, which this layer does not know.
    public typealias DisplayNameChange = @Sendable (_ name: String, _ userID: UserID) async throws -> Void

    let accounts: AccountService
    let oauth: OAuthService
    let limiter: RateLimiter
    let environment: ServerEnvironment
    let baseURL: String?
    let changeDisplayName: DisplayNameChange

    /// - Parameter baseURL: where clients find this server, when the operator has named it.
    public init(
        accounts: AccountService, oauth: OAuthService, limiter: RateLimiter, environment: ServerEnvironment,
        baseURL: String?, changeDisplayName: @escaping DisplayNameChange
    ) {
        self.accounts = accounts
        self.oauth = oauth
        self.limiter = limiter
        self.environment = environment
        self.baseURL = baseURL
        self.changeDisplayName = changeDisplayName
    }

    /// Nil for what is none of our pages.
    ///
    /// - Parameter address: where the client is.
    public func respond(to request: HTTPRequest, address: String) async throws -> HTTPResponse? {
        if request.path == Stylesheet.path { return Self.stylesheet }
        if let response = try await oauthEndpoint(request, address: address) { return response }
        guard let page = page(at: request.path) else { return nil }
        guard let base = BaseURL.of(request, configured: baseURL) else {
            throw MatrixError.invalidParameter("the request does not say which host it is for")
        }
        let call = try await PageCall(
            request: request, address: address, baseURL: base, accounts: accounts,
            newSeed: { UnpaddedBase64.encode(environment.randomBytes(32), alphabet: .urlSafe) })
        let answer: PageAnswer
        switch request.method {
        case "GET", "HEAD": answer = try await self.answer(call, page)
        case "POST" where !call.isFormOurs: answer = call.problem(call.texts.errors.expiredForm, status: 403)
        case "POST": answer = try await self.answer(call, page)
        default: throw MatrixError(405, .unrecognized, "pages have the methods GET and POST")
        }
        return answer.response(to: call, serverName: accounts.serverName.string)
    }

    typealias Page = @Sendable (PageCall) async throws -> PageAnswer

    private func page(at path: String) -> Page? {
        switch path {
        case "/oauth2/authorize": authorize
        case "/oauth2/link": link
        case "/account": account
        case "/account/sign-in": signIn
        case "/account/sign-up": signUp
        case "/account/sign-out": signOut
        case "/account/sso": singleSignOn
        case "/_matrix/static/client/login", "/_matrix/static/client/login/": loginFallback
        default: fallbackPage(at: path)
        }
    }

    private func fallbackPage(at path: String) -> Page? {
        guard let stage = Self.stage(inFallbackPath: path) else { return nil }
        return { call in try await stageFallback(call, stage: stage) }
    }

    private func answer(_ call: PageCall, _ page: Page) async throws -> PageAnswer {
        do {
            return try await page(call)
        } catch let error as MatrixError {
            return call.problem(call.texts.errors.text(for: error), status: error.status)
        }
    }

    private static let stylesheet = HTTPResponse(
        status: 200,
        headers: [
            ("Content-Type", "text/css; charset=utf-8"), ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "public, max-age=31536000, immutable"),
        ], body: Array(Stylesheet.text.utf8))

    // MARK: Who is there

    /// The page for signing in first, and going on then.
    func signInFirst(_ call: PageCall, then path: String? = nil) -> PageAnswer {
        .redirect(
            to: LocalPath.make(
                "/account/sign-in",
                [("continue", path ?? call.pathAndQuery), ("ui_locales", call.query["ui_locales"])]))
    }

    /// Milliseconds that a browser stays signed in on our pages.
    private static let browserLifetime: Int64 = 24 * 60 * 60 * 1000

    /// Signs the browser in and goes on to where it came from.
    func welcome(_ userID: UserID, _ call: PageCall) async throws -> PageAnswer {
        if let old = call.browser { try await accounts.endGrant(.browser, secret: old.secret) }
        let secret = try await accounts.issue(.browser, for: userID, lifetimeMilliseconds: Self.browserLifetime)
        var answer = PageAnswer.redirect(to: LocalPath.checked(call.query["continue"]))
        answer.headers = [
            call.cookie(PageCall.browserCookie, secret, maximumAgeSeconds: Self.browserLifetime / 1000)
        ]
        return answer
    }

    func displayName(of userID: UserID) async throws -> String {
        let name = try await accounts.profile(of: userID)["displayname"]?.stringValue ?? ""
        return name.isEmpty ? userID.localpart : name
    }
}
