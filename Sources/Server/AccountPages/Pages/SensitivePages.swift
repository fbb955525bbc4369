import Accounts
import MatrixAPI
import MatrixIdentifiers

/// What is asked for with the password once more: a browser that somebody left open must not be enough.
extension AccountPages {
    private func checkPassword(_ call: PageCall, _ userID: UserID) async throws {
        try await accounts.checkPassword(call.form["password"] ?? "", of: userID, address: call.address)
    }

    /// Does what the form asks, and says in it what was wrong.
    private func attempt(
        _ call: PageCall, isPost: Bool, page: (_ error: String?, _ status: Int) -> PageAnswer,
        action: () async throws -> PageAnswer
    ) async throws -> PageAnswer {
        guard isPost else { return page(nil, 200) }
        do {
            return try await action()
        } catch let error as MatrixError {
            return page(call.texts.errors.text(for: error), error.status)
        }
    }

    func passwordChange(_ call: PageCall, _ userID: UserID, isPost: Bool) async throws -> PageAnswer {
        let texts = call.texts.password
        return try await attempt(call, isPost: isPost) { error, status in
            let fields: HTML = """
                \(FormPart.password("password", label: texts.current, isNew: false))
                \(FormPart.password("new_password", label: texts.new, isNew: true, help: call.texts.signUp.passwordHelp))
                <label class="check"><input type="checkbox" name="sign_out" value="yes" checked>\
                <span>\(texts.signOutOthers)</span></label>
                \(FormPart.button(texts.submit))
                """
            return .page(
                texts.title, "\(FormPart.notice(error))\(call.formElement(fields))\(Self.back(call))", status: status)
        } action: {
            try await checkPassword(call, userID)
            try await accounts.resetPassword(
                of: userID, to: call.form["new_password"] ?? "", signsOutDevices: call.form["sign_out"] == "yes")
            return .page(texts.title, "\(FormPart.notice(texts.changed, style: "good"))\(Self.back(call))")
        }
    }

    func deactivation(_ call: PageCall, _ userID: UserID, isPost: Bool) async throws -> PageAnswer {
        let texts = call.texts.deactivation
        return try await attempt(call, isPost: isPost) { error, status in
            let fields: HTML = """
                <label class="check"><input type="checkbox" name="erase" value="yes"><span>\(texts.erase)</span></label>
                \(FormPart.password("password", label: call.texts.password.current, isNew: false))
                \(FormPart.button(texts.submit, style: "danger"))
                """
            return .page(
                texts.title,
                """
                <p class="notice bad">\(texts.warning)</p>
                <ul class="bullets">\(texts.points.map { "<li>\($0)</li>" as HTML })</ul>
                \(FormPart.notice(error))
                \(call.formElement(fields))\(Self.back(call))
                """, status: status)
        } action: {
            try await checkPassword(call, userID)
            try await accounts.deactivate(userID, erases: call.form["erase"] == "yes")
            return .page(texts.doneTitle, "<p>\(texts.done)</p>")
        }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#oauth-authentication
    func crossSigningReset(_ call: PageCall, _ userID: UserID, isPost: Bool) async throws -> PageAnswer {
        let texts = call.texts.reset
        return try await attempt(call, isPost: isPost) { error, status in
            let fields: HTML = """
                \(FormPart.password("password", label: call.texts.password.current, isNew: false))
                \(FormPart.button(texts.submit, style: "danger"))
                """
            return .page(
                texts.title,
                """
                <p class="notice">\(texts.lead)</p>
                <ul class="bullets">\(texts.points.map { "<li>\($0)</li>" as HTML })</ul>
                \(FormPart.notice(error))
                \(call.formElement(fields))\(Self.back(call))
                """, status: status)
        } action: {
            try await checkPassword(call, userID)
            try await accounts.allowCrossSigningReset(userID)
            return .page(texts.doneTitle, FormPart.notice(texts.done, style: "good"))
        }
    }
}
