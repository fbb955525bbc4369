import Accounts
import MatrixAPI
import MatrixIdentifiers

extension AccountPages {
    /// What is wrong with what a newcomer has entered, field by field.
    private struct SignUpFaults {
        var username: String?
        var password: String?
        var code: String?
        var terms: String?
        var other: String?
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#user-registration
    @Sendable func signUp(_ call: PageCall) async throws -> PageAnswer {
        guard accounts.configuration.registration != .closed else {
            return .page(call.texts.signUp.title, FormPart.notice(call.texts.signUp.closed), status: 403)
        }
        guard call.request.method == "POST" else { return signUpPage(call, SignUpFaults()) }
        do {
            return try await welcome(try await makeAccount(call), call)
        } catch let error as MatrixError {
            return signUpPage(call, Self.faults(error, call.texts.errors), status: error.status)
        }
    }

    private func makeAccount(_ call: PageCall) async throws -> UserID {
        try limiter.take(.registration, of: call.address)
        if accounts.configuration.terms != nil, call.form["terms"] != "agreed" {
            throw MatrixError.missingParameter("the terms of use are not agreed to")
        }
        var code: String?
        if needsCode {
            code = call.form["code"] ?? ""
            guard let code, try await accounts.isRegistrationTokenValid(code) else {
                throw MatrixError(401, .unauthorized, "the registration token is wrong")
            }
        }
        return try await accounts.register(
            localpart: call.form["username"] ?? "", password: call.form["password"] ?? "", registrationToken: code)
    }

    private var needsCode: Bool {
        if case .token = accounts.configuration.registration { true } else { false }
    }

    private static func faults(_ error: MatrixError, _ texts: PageTexts.Errors) -> SignUpFaults {
        var faults = SignUpFaults()
        switch error.code {
        case .userInUse, .invalidUsername: faults.username = texts.text(for: error)
        case .weakPassword, .invalidParameter: faults.password = texts.passwordWeak
        case .unauthorized: faults.code = texts.codeInvalid
        case .missingParameter: faults.terms = texts.termsMissing
        default: faults.other = texts.text(for: error)
        }
        return faults
    }

    private func signUpPage(_ call: PageCall, _ faults: SignUpFaults, status: Int = 200) -> PageAnswer {
        let texts = call.texts.signUp
        let username = FormPart.field(
            "username", label: call.texts.signIn.username, value: call.form["username"] ?? "",
            attributes:
                " autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" pattern=\"[a-z0-9._=\\/+\\-]+\" maxlength=\"200\"",
            help: texts.usernameHelp, error: faults.username)
        let password = FormPart.password(
            "password", label: call.texts.signIn.password, isNew: true, help: texts.passwordHelp,
            error: faults.password)
        let code =
            needsCode
            ? FormPart.field(
                "code", label: texts.code, value: call.form["code"] ?? "", attributes: " autocomplete=\"off\"",
                help: texts.codeHelp, error: faults.code) : .nothing
        return .page(
            texts.title,
            """
            <p class="lead">\(texts.lead)</p>
            \(FormPart.notice(faults.other))
            \(call.formElement("\(username)\(password)\(code)\(terms(call, error: faults.terms))\(FormPart.button(texts.submit))"))
            <p class="aside">\(call.texts.signIn.haveAccount) \
            <a href="\(otherPage("/account/sign-in", call))">\(call.texts.signIn.title)</a></p>
            """, status: status)
    }

    func terms(_ call: PageCall, error: String?) -> HTML {
        guard let terms = accounts.configuration.terms else { return .nothing }
        let texts = call.texts.signUp
        let fault: HTML = error.map { "<p class=\"error\" id=\"terms-error\">\($0)</p>" } ?? .nothing
        let described: HTML = error == nil ? .nothing : " aria-invalid=\"true\" aria-describedby=\"terms-error\""
        return """
            <div><label class="check"><input type="checkbox" name="terms" value="agreed" required\(described)>\
            <span>\(texts.agreeToTerms)</span></label>\(fault)\
            <a href="\(terms.url)" target="_blank" rel="noopener noreferrer">\(texts.terms)</a></div>
            """
    }
}
