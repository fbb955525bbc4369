import MatrixAPI

/// What services refuse, in words for people.
extension PageTexts.Errors {
    func text(for error: MatrixError) -> String {
        switch error.code {
        case .forbidden: wrongCredentials
        case .userDeactivated: deactivated
        case .userLocked: locked
        case .limitExceeded: tooMany
        case .userInUse: usernameTaken
        case .invalidUsername: usernameInvalid
        case .weakPassword: passwordWeak
        case .unauthorized: codeInvalid
        default: unknown
        }
    }
}

extension PageCall {
    func problem(_ text: String, status: Int = 400) -> PageAnswer {
        .page(texts.errors.title, FormPart.notice(text), status: status)
    }
}
