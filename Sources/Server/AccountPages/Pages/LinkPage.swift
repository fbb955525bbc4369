import MatrixAPI
import OAuth

extension AccountPages {
    /// Where the user agrees for a device elsewhere: https://spec.matrix.org/v1.19/client-server-api/#device-authorisation-flow
    @Sendable func link(_ call: PageCall) async throws -> PageAnswer {
        guard let browser = call.browser else { return signInFirst(call) }
        guard let code = call.form["user_code"] ?? call.query["user_code"] else { return codePage(call) }
        // Codes are short: whoever tries many has to wait.
        try limiter.take(.signIn, of: browser.userID.string)
        guard let device = try await oauth.pendingDevice(userCode: code) else {
            return codePage(call, error: call.texts.link.unknownCode, status: 404)
        }
        guard let decision = call.form["decision"], call.query["user_code"] != nil else {
            guard call.query["user_code"] != nil else {
                return .redirect(
                    to: LocalPath.make(
                        call.request.path, [("user_code", device.userCode), ("ui_locales", call.query["ui_locales"])]))
            }
            return try await consent(
                call, client: device.client, deviceID: device.scope.deviceID, userID: browser.userID,
                warning: """
                    <p class="notice">\(call.texts.link.warning)</p>
                    \(FormPart.facts([(call.texts.link.code, device.userCode, true)]))
                    """)
        }
        let accepts = decision == "accept"
        guard try await oauth.answer(device, by: browser.userID, accepts: accepts) else {
            return codePage(call, error: call.texts.link.unknownCode, status: 404)
        }
        let texts = call.texts.link
        return accepts
            ? .page(texts.acceptedTitle, FormPart.notice(texts.accepted, style: "good"))
            : .page(texts.refusedTitle, "<p>\(texts.refused)</p>")
    }

    private func codePage(_ call: PageCall, error: String? = nil, status: Int = 200) -> PageAnswer {
        let texts = call.texts.link
        let field = FormPart.field(
            "user_code", label: texts.code, value: call.form["user_code"] ?? "",
            attributes: " autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"20\"",
            error: error, isCode: true)
        return .page(
            texts.title,
            """
            <p class="lead">\(texts.lead)</p>
            \(call.formElement("\(field)\(FormPart.button(texts.submit))", action: "/oauth2/link"))
            """, status: status)
    }
}
