import Accounts
import HTTPServing
import MatrixAPI
import MatrixIdentifiers

extension AccountPages {
    /// https://spec.matrix.org/v1.19/client-server-api/#oauth-20-account-management
    @Sendable func account(_ call: PageCall) async throws -> PageAnswer {
        guard let browser = call.browser else { return signInFirst(call) }
        let isPost = call.request.method == "POST"
        switch call.query["action"].flatMap({ AccountAction(name: $0) }) {
        case .profile, nil: return try await profile(call, browser.userID, isPost: isPost)
        case .devicesList: return try await devicesPage(call, browser.userID)
        case .deviceView, .deviceDelete: return try await device(call, browser.userID, isPost: isPost)
        case .passwordChange: return try await passwordChange(call, browser.userID, isPost: isPost)
        case .accountDeactivate: return try await deactivation(call, browser.userID, isPost: isPost)
        case .crossSigningReset: return try await crossSigningReset(call, browser.userID, isPost: isPost)
        }
    }

    static func path(_ action: AccountAction, _ call: PageCall, deviceID: String? = nil, notice: String? = nil)
        -> String
    {
        LocalPath.make(
            "/account",
            [
                ("action", action.rawValue), ("device_id", deviceID), ("done", notice),
                ("ui_locales", call.query["ui_locales"]),
            ])
    }

    static func back(_ call: PageCall, to action: AccountAction = .profile) -> HTML {
        "<a class=\"back\" href=\"\(path(action, call))\">\(call.texts.account.back)</a>"
    }

    private static let maximumNameBytes = 255

    private func profile(_ call: PageCall, _ userID: UserID, isPost: Bool) async throws -> PageAnswer {
        if isPost {
            let name = call.form["display_name"] ?? ""
            guard name.utf8.count <= Self.maximumNameBytes else { return call.problem(call.texts.errors.unknown) }
            if try await accounts.account(userID)?.standing.isSuspended == true {
                return call.problem(call.texts.errors.locked, status: 403)
            }
            try await changeDisplayName(name, userID)
            return .redirect(to: Self.path(.profile, call, notice: "saved"))
        }
        let texts = call.texts.account
        let name = try await displayName(of: userID)
        let field = FormPart.field(
            "display_name", label: texts.displayName, value: name,
            attributes: " autocomplete=\"nickname\" maxlength=\"255\"")
        let rows: [(String, AccountAction, String)] = [
            (texts.sessions, .devicesList, ""), (texts.password, .passwordChange, ""),
            (texts.resetIdentity, .crossSigningReset, ""), (texts.deactivate, .accountDeactivate, "risky"),
        ]
        let list = rows.map { label, action, style -> HTML in
            """
            <li><a class="row \(style)" href="\(Self.path(action, call))"><span>\(label)</span>\
            <span class="arrow" aria-hidden="true">›</span></a></li>
            """
        }
        return .page(
            texts.title,
            """
            \(FormPart.notice(call.query["done"] == "saved" ? texts.saved : nil, style: "good"))
            \(FormPart.person(name: name, userID: userID.string))
            \(call.formElement("\(field)\(FormPart.button(texts.save))", action: Self.path(.profile, call)))
            <ul class="list">\(list)</ul>
            \(call.formElement("<button class=\"plain\">\(texts.signOut)</button>", action: "/account/sign-out"))
            """)
    }
}
