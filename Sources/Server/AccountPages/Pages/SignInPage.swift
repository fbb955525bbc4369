import Accounts
import MatrixAPI
import MatrixIdentifiers

extension AccountPages {
    @Sendable func signIn(_ call: PageCall) async throws -> PageAnswer {
        guard call.request.method == "POST" else { return signInPage(call) }
        do {
            try limiter.take(.signIn, of: call.address)
            let userID = try self.userID(named: call.form["username"] ?? "")
            try await accounts.checkPassword(call.form["password"] ?? "", of: userID, address: call.address)
            return try await welcome(userID, call)
        } catch let error as MatrixError {
            return signInPage(call, error: call.texts.errors.text(for: error), status: error.status)
        }
    }

    /// A user name, or a whole user ID of this server.
    func userID(named name: String) throws(MatrixError) -> UserID {
        let name = name.hasPrefix("@") ? name : "@\(name):\(accounts.serverName)"
        guard let userID = UserID(name), userID.serverName == accounts.serverName else {
            throw .forbidden("the user name or the password is wrong")
        }
        return userID
    }

    private func signInPage(_ call: PageCall, error: String? = nil, status: Int = 200) -> PageAnswer {
        let texts = call.texts.signIn
        let signUp: HTML =
            accounts.configuration.registration == .closed
            ? .nothing
            : """
            <p class="aside">\(texts.newHere) <a href="\(otherPage("/account/sign-up", call))">\(texts.signUp)</a></p>
            """
        return .page(
            texts.title,
            """
            \(FormPart.notice(error))
            \(call.formElement(Self.credentials(call)))
            \(signUp)
            """, status: status)
    }

    /// The fields for a user name and a password, with their button.
    static func credentials(_ call: PageCall) -> HTML {
        let texts = call.texts.signIn
        let username = FormPart.field(
            "username", label: texts.username, value: call.form["username"] ?? "",
            attributes: " autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"255\"")
        return """
            \(username)
            \(FormPart.password("password", label: texts.password, isNew: false))
            \(FormPart.button(texts.submit))
            """
    }

    /// The same way on, by another page.
    func otherPage(_ page: String, _ call: PageCall) -> String {
        LocalPath.make(page, [("continue", call.query["continue"]), ("ui_locales", call.query["ui_locales"])])
    }

    /// Ends the browser's session on our pages; the devices stay signed in.
    @Sendable func signOut(_ call: PageCall) async throws -> PageAnswer {
        guard call.request.method == "POST" else { return .redirect(to: LocalPath.home) }
        if let browser = call.browser { try await accounts.endGrant(.browser, secret: browser.secret) }
        var answer = signInFirst(call, then: LocalPath.checked(call.query["continue"]))
        answer.headers = [call.cookie(PageCall.browserCookie, "", maximumAgeSeconds: 0)]
        return answer
    }
}
