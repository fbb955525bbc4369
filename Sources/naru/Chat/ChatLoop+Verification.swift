import MatrixClient
import MatrixIdentifiers
import Terminal

extension ChatLoop {
    /// So many at a time; others are turned away, so that nobody can fill the screen with questions.
    private static let maximumVerifications = 8

    private func name(_ verification: Verification) -> String {
        verification.isOwnDevice ? phrases(.ownDevices) : DisplayText.line(verification.userID.string)
    }

    /// Asks somebody to compare: a person, by default the other one of the open chat, or one's own devices.
    func verify(_ user: String?) {
        let other = state.room.flatMap { RoomID($0.id) }.flatMap { summary(of: $0)?.directUserID }
        guard let id = user.map({ UserID($0) }) ?? other ?? session.userID else {
            return state.say(phrases(.errorNotFound, ["reason": user ?? ""]), .warning)
        }
        let (session, continuation) = (session, continuation)
        attempt { continuation.yield(.verification(try await session.encryption.requestVerification(of: id))) }
    }

    /// Follows a verification, whoever has asked.
    func begin(_ verification: Verification) {
        guard verifications[verification.id] == nil else { return }
        guard verifications.count < Self.maximumVerifications else {
            return start { try? await verification.cancel() }
        }
        verifications[verification.id] = verification
        let continuation = continuation
        start {
            for await state in await verification.updates() {
                continuation.yield(.verificationState(verification, state))
            }
        }
    }

    func take(_ new: VerificationState, of verification: Verification) {
        let purpose = Panel.Purpose.verification(id: verification.id)
        let title = phrases(.verifyTitle, ["name": name(verification)])
        switch new {
        case .requested where verification.isIncoming:
            state.panel = Panel(
                purpose, title: title, text: [[Span(phrases(.verifyAsk, ["name": name(verification)]))]],
                items: [Panel.Item("accept", [Span(phrases(.yes))]), Panel.Item("cancel", [Span(phrases(.no))])])
        case .ready where verification.isIncoming:
            state.panel = Panel(
                purpose, title: title, text: [[Span(phrases(.verifyWaiting), .quiet)]],
                items: [Panel.Item("start", [Span(phrases(.verifyStart))])])
        case .ready:
            wait(purpose, title)
            attempt { try await verification.startEmoji() }
        case .requested, .started, .waitingForOther, .scannedByOther: wait(purpose, title)
        case .comparing(let emojis, _): state.panel = comparison(emojis, purpose, title)
        case .done:
            finish(verification)
            state.say(phrases(.verifyDone, ["name": name(verification)]), .secure)
            checkSecurity()
        case .cancelled(let reason, _):
            finish(verification)
            state.say(phrases(.verifyCancelled, ["reason": DisplayText.line(reason)]), .failure)
        }
    }

    private func wait(_ purpose: Panel.Purpose, _ title: String) {
        state.panel = Panel(purpose, title: title, text: [[Span(phrases(.verifyWaiting), .quiet)]])
    }

    /// A picture and its name a line: names can be read out on the telephone, and seen without a font for pictures.
    private func comparison(_ emojis: [VerificationEmoji], _ purpose: Panel.Purpose, _ title: String) -> Panel {
        var text = emojis.map { [Span("  \($0.symbol)   "), Span(phrases.emojiName($0.name), .title)] }
        text += [[], [Span(phrases(.verifyCompare))]]
        return Panel(
            purpose, title: title, text: text,
            items: [
                Panel.Item("mismatch", [Span(phrases(.verifyMismatch), .failure)]),
                Panel.Item("match", [Span(phrases(.verifyMatch), .secure)]),
            ])
    }

    private func finish(_ verification: Verification) {
        verifications[verification.id] = nil
        if case .verification(id: verification.id)? = state.panel?.purpose { state.panel = nil }
    }

    func answer(_ id: String, _ item: String) {
        guard let verification = verifications[id] else {
            state.panel = nil
            return
        }
        if case .verification? = state.panel?.purpose {
            wait(.verification(id: id), phrases(.verifyTitle, ["name": name(verification)]))
        }
        switch item {
        case "accept": attempt { try await verification.accept() }
        case "start": attempt { try await verification.startEmoji() }
        case "match": attempt { try await verification.confirm() }
        case "mismatch":
            state.say(phrases(.verifyMismatchAbout), .failure)
            attempt { try await verification.reportMismatch() }
        default: attempt { try await verification.cancel() }
        }
    }

    func cancelVerification(_ id: String) {
        guard let verification = verifications[id] else { return }
        attempt { try await verification.cancel() }
    }
}
