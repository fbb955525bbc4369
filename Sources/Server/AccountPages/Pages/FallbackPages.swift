import Accounts
import CanonicalJSON
import HTTPServing
import MatrixAPI
import MatrixIdentifiers
import UnpaddedBase64

/// Pages for clients that do not know how to ask for something themselves.
extension AccountPages {
    // MARK: Stages of user-interactive authentication

    /// The stage, whose name needs no percent-encoding, of `/_matrix/client/v3/auth/{authType}/fallback/web`.
    static func stage(inFallbackPath path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count == 7, parts[0] == "_matrix", parts[1] == "client", ["v3", "r0"].contains(parts[2]),
            parts[3] == "auth", parts[5] == "fallback", parts[6] == "web"
        else { return nil }
        return String(parts[4])
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#fallback
    func stageFallback(_ call: PageCall, stage name: String) async throws -> PageAnswer {
        let sessionID = call.query["session"] ?? ""
        let engine = accounts.interactiveAuthentication
        guard let stage = AuthenticationStage(rawValue: name),
            let open = engine.openStage(stage, sessionID: sessionID)
        else { return call.problem(call.texts.errors.expiredForm, status: 404) }
        if stage == .oauth, !open.isCompleted { return .redirect(to: Self.path(.crossSigningReset, call)) }
        if open.isCompleted { return donePage(call, script: Self.doneScript) }
        guard call.request.method == "POST" else { return stagePage(call, stage) }
        do {
            let note = try await verify(stage, open, call)
            engine.complete(stage, sessionID: sessionID, note: note)
            return donePage(call, script: Self.doneScript)
        } catch let error as MatrixError {
            return stagePage(call, stage, error: call.texts.errors.text(for: error), status: error.status)
        }
    }

    /// Answers what the operation needs to know of it at its end.
    private func verify(
        _ stage: AuthenticationStage, _ open: InteractiveAuthentication.OpenStage, _ call: PageCall
    ) async throws -> String? {
        switch stage {
        case .password:
            let userID = try open.userID ?? self.userID(named: call.form["username"] ?? "")
            try await accounts.checkPassword(call.form["password"] ?? "", of: userID, address: call.address)
            return userID.string
        case .registrationToken:
            try limiter.take(.registration, of: call.address)
            let code = call.form["code"] ?? ""
            guard try await accounts.isRegistrationTokenValid(code) else {
                throw MatrixError(401, .unauthorized, "the registration token is wrong")
            }
            return code
        case .terms:
            guard call.form["terms"] == "agreed" else {
                throw MatrixError.missingParameter("the terms of use are not agreed to")
            }
            return nil
        case .dummy, .oauth: return nil
        }
    }

    private func stagePage(
        _ call: PageCall, _ stage: AuthenticationStage, error: String? = nil, status: Int = 200
    ) -> PageAnswer {
        let texts = call.texts.stage
        let knowsUser =
            accounts.interactiveAuthentication.openStage(stage, sessionID: call.query["session"] ?? "")?.userID != nil
        let fields: HTML
        switch stage {
        case .password:
            fields =
                knowsUser
                ? "\(FormPart.password("password", label: call.texts.signIn.password, isNew: false))\(FormPart.button(texts.submit))"
                : Self.credentials(call)
        case .registrationToken:
            let code = FormPart.field(
                "code", label: call.texts.signUp.code, attributes: " autocomplete=\"off\"",
                help: call.texts.signUp.codeHelp)
            fields = "\(code)\(FormPart.button(texts.submit))"
        case .terms: fields = "\(terms(call, error: nil))\(FormPart.button(texts.submit))"
        case .dummy, .oauth: fields = FormPart.button(texts.submit)
        }
        return .page(
            texts.title,
            """
            <p class="lead">\(texts.lead)</p>
            \(FormPart.notice(error))
            \(call.formElement(fields))
            """, status: status)
    }

    private static let doneScript = HTML(
        markup: """
            if (window.onAuthDone) { window.onAuthDone(); }
            else if (window.opener && window.opener.postMessage) { window.opener.postMessage("authDone", "*"); }
            """)

    /// Tells the client by a script, and the user in words.
    private func donePage(_ call: PageCall, script: HTML) -> PageAnswer {
        let texts = call.texts.stage
        let nonce = UnpaddedBase64.encode(environment.randomBytes(18), alphabet: .urlSafe)
        var answer = PageAnswer.page(
            texts.doneTitle, "<p>\(texts.done)</p>\n<script nonce=\"\(nonce)\">\(script)</script>")
        answer.nonce = nonce
        return answer
    }

    // MARK: Signing in

    /// https://spec.matrix.org/v1.19/client-server-api/#login-fallback
    @Sendable func loginFallback(_ call: PageCall) async throws -> PageAnswer {
        guard call.request.method == "POST" else { return loginPage(call) }
        do {
            try limiter.take(.signIn, of: call.address)
            let userID = try self.userID(named: call.form["username"] ?? "")
            let device = AccountService.DeviceRequest(
                deviceID: call.query["device_id"], displayName: call.query["initial_device_display_name"],
                wantsRefreshToken: call.query["refresh_token"] == "true")
            try await accounts.checkPassword(call.form["password"] ?? "", of: userID, address: call.address)
            let credentials = try await accounts.signIn(userID, device: device)
            return donePage(call, script: Self.loginScript(credentials))
        } catch let error as MatrixError {
            return loginPage(call, error: call.texts.errors.text(for: error), status: error.status)
        }
    }

    private func loginPage(_ call: PageCall, error: String? = nil, status: Int = 200) -> PageAnswer {
        .page(
            call.texts.signIn.title, "\(FormPart.notice(error))\(call.formElement(Self.credentials(call)))",
            status: status)
    }

    private static func loginScript(_ credentials: AccountService.Credentials) -> HTML {
        let json = String(decoding: credentials.json.bytes(), as: UTF8.self)
        // Nothing in it may end the script.
        let safe = json.split(separator: "<", omittingEmptySubsequences: false).joined(separator: "\\u003c")
        return HTML(markup: "if (window.matrixLogin) { window.matrixLogin.onLogin(\(safe)); }")
    }
}
