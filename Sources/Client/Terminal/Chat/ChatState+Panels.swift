import HangulSearch

extension ChatState {
    private static let quickReactions = ["👍", "❤️", "😂", "😮", "😢", "🎉", "🙏", "👀"]

    mutating func handleInPanel(_ event: InputEvent) -> [ChatAction] {
        switch event {
        case .text(let text), .paste(let text):
            panel?.query?.insert(DisplayText.line(text))
            if case .switcher = panel?.purpose { fillSwitcher() }
        case .key(let key): return handleInPanel(key)
        case .ground: break
        }
        return []
    }

    private mutating func handleInPanel(_ key: Key) -> [ChatAction] {
        let page = max(size.rows - 5, 1)
        switch key.code {
        case .escape: return closePanel()
        case .up: panel?.move(by: -1)
        case .down, .tab: panel?.move(by: 1)
        case .pageUp: panel?.move(by: -page)
        case .pageDown: panel?.move(by: page)
        case .home: panel?.move(by: -1_000_000)
        case .enter: return take()
        case .backspace:
            panel?.query?.deleteBackward()
            if case .switcher = panel?.purpose { fillSwitcher() }
        default: break
        }
        return []
    }

    mutating func closePanel() -> [ChatAction] {
        guard let purpose = panel?.purpose else { return [] }
        panel = nil
        if case .verification = purpose { return [.dismiss(purpose)] }
        return []
    }

    /// Takes the chosen item.
    private mutating func take() -> [ChatAction] {
        guard let panel else { return [] }
        guard let item = panel.selectedItem else {
            guard case .reactions(let message) = panel.purpose, let room else { return closePanel() }
            return react(room.id, message, panel.query?.text ?? "")
        }
        switch panel.purpose {
        case .confirmation(let action):
            self.panel = nil
            return item.id == "yes" ? [action] : []
        case .switcher:
            self.panel = nil
            return [.open(room: item.id)]
        case .reactions(let message):
            guard let room else { return closePanel() }
            let typed = panel.query?.text ?? ""
            return react(room.id, message, typed.isEmpty ? item.id : typed)
        case .messageMenu:
            self.panel = nil
            return run(item.id)
        case .verification:
            return [.choose(panel.purpose, item: item.id)]
        default:
            self.panel = nil
            return [.choose(panel.purpose, item: item.id)]
        }
    }

    private mutating func react(_ room: String, _ message: String, _ key: String) -> [ChatAction] {
        panel = nil
        return key.isEmpty ? [] : [.react(room: room, message: message, key: key)]
    }

    // MARK: Panels of the screen's own

    mutating func showHelp() {
        let keys: [(String, Phrase)] = [
            ("Tab", .keyTabAbout), ("Ctrl+K", .keySwitchAbout), ("Alt+↑ ↓", .keyAltArrowsAbout),
            ("PgUp PgDn", .keyPageAbout), ("Enter", .keySendAbout), ("↑", .keyUpAbout), ("r e c u s", .keyMessageAbout),
            ("Ctrl+P N", .keyHistoryAbout), ("Alt+Z", .keyUndoAbout), ("Ctrl+F", .keySearchAbout),
            ("Ctrl+Z L C", .keySuspendAbout),
        ]
        var text: [[Span]] = [[Span(phrases(.helpKeys), .title)]]
        text += keys.map { [Span(Self.padded($0.0, 12), .prompt), Span(phrases($0.1))] }
        text += [[], [Span(phrases(.helpCommands), .title)]]
        text += SlashCommand.names.map { command in
            let argument = command.argument.isEmpty ? "" : " \(command.argument)"
            return [
                Span("/\(command.name)", .prompt), Span(Self.padded(argument, max(24 - command.name.count, 1)), .quiet),
                Span(phrases(command.about)),
            ]
        }
        panel = Panel(.help, title: phrases(.helpTitle), text: text)
    }

    private static func padded(_ text: String, _ cells: Int) -> String {
        text + String(repeating: " ", count: max(cells - CellWidth.of(text), 1))
    }

    mutating func showSwitcher(query: String) {
        panel = Panel(.switcher, title: phrases(.switchTitle))
        panel?.query = Composer(query)
        fillSwitcher()
    }

    /// The chats whose name matches what has been typed, by initial consonants too; the best first.
    mutating func fillSwitcher() {
        let typed = panel?.query?.text ?? ""
        let query = SearchQuery(typed)
        let found = rooms.compactMap { row -> (row: ChatRow, score: Int)? in
            let name = DisplayText.line(row.name)
            guard let query else { return typed.isEmpty || name.contains(typed) ? (row, 0) : nil }
            return query.match(name).map { (row, $0.score) }
        }
        let ordered = found.enumerated().sorted {
            ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
        }
        let items = ordered.map { Panel.Item($0.element.row.id, item(of: $0.element.row)) }
        panel?.items = items
        panel?.selection = 0
    }

    private func item(of row: ChatRow) -> [Span] {
        let name = DisplayText.line(row.name)
        var spans = [Span(name.isEmpty ? phrases(.namelessChat) : name)]
        if row.unreadCount > 0 { spans.append(Span("  \(row.unreadCount)", .unread)) }
        if row.isInvitation { spans.append(Span("  \(phrases(.invitation))", .mention)) }
        return spans
    }

    mutating func showReactions() -> [ChatAction] {
        guard let row = subject() else {
            say(phrases(.noMessageChosen), .warning)
            return [.bell]
        }
        panel = Panel(
            .reactions(message: row.id), title: phrases(.pickReaction),
            items: Self.quickReactions.map { Panel.Item($0, [Span($0)]) })
        panel?.query = Composer()
        return []
    }

    mutating func showMessageMenu() {
        guard let row = subject() else { return }
        var entries: [(String, Phrase)] = [("/reply", .helpReply), ("/react", .helpReact)]
        if row.isMine { entries += [("/edit", .helpEdit), ("/unsend", .helpUnsend)] }
        if case .file = row.kind { entries.append(("/save", .helpSave)) }
        if case .failed = row.delivery { entries = [("/retry", .helpRetry), ("/cancel", .helpCancel)] }
        panel = Panel(
            .messageMenu(message: row.id), title: DisplayText.line(row.text).shortened(toCells: 30),
            items: entries.map { Panel.Item($0.0, [Span($0.0, .prompt), Span("  \(phrases($0.1))")]) })
    }

    mutating func showSecurity(of room: OpenRoom) -> [ChatAction] {
        var text: [[Span]] = [[Span(phrases.security(room.security), room.security.role)], []]
        switch room.security {
        case .open: text.append([Span(phrases(.secureOpenAbout), .warning)])
        case .encrypted(let count):
            text.append([Span(phrases(.secureEncryptedAbout))])
            if count > 0 { text += [[], [Span(phrases(.secureUnverifiedAbout, count: count), .warning)]] }
        case .verified:
            text += [[Span(phrases(.secureEncryptedAbout))], [], [Span(phrases(.secureVerifiedAbout), .secure)]]
        case .blocked(let names):
            let name = names.map { DisplayText.line($0) }.joined(separator: ", ")
            text.append([Span(phrases(.secureBlockedAbout, ["name": name]), .failure)])
        }
        panel = Panel(.secure, title: phrases(.secureTitle), text: text)
        return []
    }
}

extension LineSecurity {
    package var role: Role {
        switch self {
        case .open: .warning
        case .encrypted(let count): count > 0 ? .warning : .secure
        case .verified: .secure
        case .blocked: .failure
        }
    }

    /// A sign that needs no font beyond ASCII, so that nobody takes a missing picture for a lock.
    package var sign: String {
        switch self {
        case .open: "[!]"
        case .encrypted(let count): count > 0 ? "[#?]" : "[#]"
        case .verified: "[##]"
        case .blocked: "[X]"
        }
    }
}

extension Phrases {
    package func security(_ security: LineSecurity) -> String {
        switch security {
        case .open: return self(.lineOpen)
        case .encrypted(let count): return count > 0 ? self(.lineUnverified, count: count) : self(.lineEncrypted)
        case .verified: return self(.lineVerified)
        case .blocked(let names):
            return self(.lineBlocked, ["name": names.map { DisplayText.line($0) }.joined(separator: ", ")])
        }
    }

    package func connection(_ status: ConnectionStatus) -> String {
        let state: String
        switch status.state {
        case .connecting: state = self(.connecting)
        case .signedOut: state = self(.signedOut)
        case .offline(let seconds?): state = self(.offlineRetry, ["seconds": "\(seconds)"])
        case .offline(nil): state = self(.offline)
        case .online:
            let latency = status.latencyMilliseconds.map(Self.latency)
            state =
                status.isSlow
                ? self(.slow, ["latency": latency ?? ""]) : self(.online) + (latency.map { " \($0)" } ?? "")
        }
        return status.queuedCount > 0 ? "\(state) · \(self(.queued, count: status.queuedCount))" : state
    }

    private static func latency(_ milliseconds: Int) -> String {
        milliseconds < 1_000 ? "\(milliseconds) ms" : "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
    }
}
