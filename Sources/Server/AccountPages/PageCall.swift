import Accounts
import CanonicalJSON
import Crypto
import HTTPServing
import MatrixIdentifiers
import UnpaddedBase64

/// One request for a page: who asks, in which language, with what.
final class PageCall: Sendable {
    let request: HTTPRequest
    let query: QueryParameters
    /// What a form has sent; empty for a request without one.
    let form: QueryParameters
    let texts: PageTexts
    let baseURL: String
    /// Where the client is, for rate limits.
    let address: String
    /// Who is signed in on our pages with this browser.
    let browser: Browser?
    /// What this browser alone knows, against forms that other sites send in its name.
    private let formSeed: String
    private let isNewSeed: Bool

    struct Browser: Sendable {
        let userID: UserID
        let secret: String
    }

    static let browserCookie = "naru_account"
    private static let seedCookie = "naru_form"

    init(
        request: HTTPRequest, address: String, baseURL: String, accounts: AccountService, newSeed: () -> String
    ) async throws {
        self.request = request
        self.address = address
        self.baseURL = baseURL
        query = QueryParameters(request.query)
        form =
            request.method == "POST"
            ? QueryParameters(String(decoding: request.body, as: UTF8.self)) : QueryParameters("")
        let continued = query["continue"].map { LocalPath.query(of: $0) }
        texts = PageTexts.chosen(
            uiLocales: query["ui_locales"] ?? continued?["ui_locales"],
            acceptLanguage: request.header("accept-language"))
        let cookies = Self.cookies(of: request)
        if let seed = cookies[Self.seedCookie], seed.utf8.count == 43 {
            formSeed = seed
            isNewSeed = false
        } else {
            formSeed = newSeed()
            isNewSeed = true
        }
        browser = try await Self.browser(secret: cookies[Self.browserCookie], accounts: accounts)
    }

    private static func browser(secret: String?, accounts: AccountService) async throws -> Browser? {
        guard let secret, let userID = try await accounts.grant(.browser, secret: secret)?.userID,
            let account = try await accounts.account(userID), !account.isDeactivated, !account.standing.isLocked
        else { return nil }
        return Browser(userID: userID, secret: secret)
    }

    private static func cookies(of request: HTTPRequest) -> [String: String] {
        var cookies: [String: String] = [:]
        for pair in (request.header("cookie") ?? "").split(separator: ";").prefix(50) {
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            if parts.count == 2, cookies[parts[0]] == nil { cookies[parts[0]] = parts[1] }
        }
        return cookies
    }

    // MARK: Forms

    /// Stands in every form. Other sites can make a browser send a form, but not read this.
    var formToken: String {
        let digest = SHA256.hash(data: Array("form \(formSeed) \(browser?.secret ?? "")".utf8))
        return UnpaddedBase64.encode(Array(digest), alphabet: .urlSafe)
    }

    /// Whether the form came from a page that this browser got from us.
    var isFormOurs: Bool { !isNewSeed && AccessToken.areEqual(form["form_token"] ?? "", formToken) }

    /// - Parameter content: fields and buttons.
    func formElement(_ content: HTML, action: String? = nil) -> HTML {
        """
        <form method="post" action="\(action ?? pathAndQuery)">
        <input type="hidden" name="form_token" value="\(formToken)">
        \(content)
        </form>
        """
    }

    var pathAndQuery: String { request.query.isEmpty ? request.path : "\(request.path)?\(request.query)" }

    // MARK: Cookies

    func cookie(_ name: String, _ value: String, maximumAgeSeconds: Int64? = nil) -> (name: String, value: String) {
        let secure = baseURL.hasPrefix("https:") ? "; Secure" : ""
        let age = maximumAgeSeconds.map { "; Max-Age=\($0)" } ?? ""
        // Lax: a client's link must find the user signed in; no form of another site does.
        return ("Set-Cookie", "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax\(secure)\(age)")
    }

    /// To be set with every page that has a form.
    var seedHeaders: [(name: String, value: String)] { isNewSeed ? [cookie(Self.seedCookie, formSeed)] : [] }
}
