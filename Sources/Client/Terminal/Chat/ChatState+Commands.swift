extension ChatState {
    /// Sends what has been written, or does what it says.
    mutating func submit() -> [ChatAction] {
        let text = composer.text
        if intent == .new, SlashCommand.isCommand(text) {
            _ = composer.take()
            return run(text) + typingChanged()
        }
        guard text.contains(where: { !$0.isWhitespace }) else { return [] }
        guard let room, !room.isInvitation else {
            say(phrases(room == nil ? .noChatOpen : .invitedHere), .warning)
            return [.bell]
        }
        let intent = intent
        _ = composer.take()
        self.intent = .new
        selectedMessageID = nil
        viewport.followNewest()
        // Two slashes begin a text with one.
        let said = text.hasPrefix("//") ? String(text.dropFirst()) : text
        let action: ChatAction =
            switch intent {
            case .new: .send(room: room.id, text: said, replyTo: nil, isEmote: false)
            case .reply(let message): .send(room: room.id, text: said, replyTo: message, isEmote: false)
            case .edit(let message): .edit(room: room.id, message: message, text: text)
            }
        return [action] + typingChanged()
    }

    /// Runs a command as it is typed.
    mutating func run(_ text: String) -> [ChatAction] {
        // Without its argument, these ask for it.
        switch text {
        case "/reply": return beginReply()
        case "/react": return showReactions()
        case "/edit": return beginEdit()
        default: break
        }
        do {
            return perform(try SlashCommand(text))
        } catch {
            switch error {
            case .unknown(let name):
                say(phrases(.unknownCommand, ["name": DisplayText.line(name, maximumLength: 20)]), .warning)
            case .needsArgument(let name): say(phrases(.needsArgument, ["name": name]), .warning)
            }
            return [.bell]
        }
    }

    package mutating func perform(_ command: SlashCommand) -> [ChatAction] {
        switch command {
        case .help: showHelp()
        case .quit: return [.quit]
        case .rooms(let query): showSwitcher(query: query)
        case .secure: return withRoom { $0.showSecurity(of: $1) }
        case .reply(let text):
            return withSubject { .send(room: $0.id, text: text, replyTo: $1.id, isEmote: false) }
        case .react(let key): return withSubject { .react(room: $0.id, message: $1.id, key: key) }
        case .edit(let text):
            return withSubject(mine: true) { .edit(room: $0.id, message: $1.id, text: text) }
        case .emote(let text):
            return withRoom { [.send(room: $1.id, text: text, replyTo: nil, isEmote: true)] }
        case .unsend:
            return withSubject(mine: true) { state, room, row in
                state.confirm(.unsend(room: room.id, message: row.id), state.phrases(.confirmUnsend))
            }
        case .retry: return withUnsent { .retry(room: $0, message: $1) }
        case .cancel: return withUnsent { .cancel(room: $0, message: $1) }
        case .send(let file): return withRoom { [.sendFile(room: $1.id, path: file)] }
        case .save(let path): return save(path)
        case .older: return withRoom { [.loadOlder(room: $1.id)] }
        case .leave:
            return withRoom { state, room in
                let name = DisplayText.line(room.name)
                state.confirm(.command(.leave, room: room.id), state.phrases(.confirmLeave, ["name": name]))
                return []
            }
        case .trust(let user):
            let question = phrases(.confirmTrust, ["name": DisplayText.line(user)])
            confirm(.command(command, room: room?.id), question)
        case .invite, .accept, .decline, .name, .topic, .members:
            return withRoom { [.command(command, room: $1.id)] }
        default: return [.command(command, room: room?.id)]
        }
        return []
    }

    // MARK: What commands are about

    private mutating func withRoom(_ body: (inout ChatState, OpenRoom) -> [ChatAction]) -> [ChatAction] {
        guard let room else {
            say(phrases(.noChatOpen), .warning)
            return [.bell]
        }
        return body(&self, room)
    }

    private mutating func withSubject(
        mine: Bool = false, _ body: (inout ChatState, OpenRoom, MessageRow) -> Void
    ) -> [ChatAction] {
        withRoom { state, room in
            guard let row = state.subject(where: { !mine || $0.isMine }) else {
                state.say(state.phrases(.noMessageChosen), .warning)
                return [.bell]
            }
            guard row.isMine || !mine else {
                state.say(state.phrases(.notYours), .warning)
                return [.bell]
            }
            body(&state, room, row)
            return []
        }
    }

    private mutating func withSubject(
        mine: Bool = false, _ body: (OpenRoom, MessageRow) -> ChatAction
    ) -> [ChatAction] {
        var actions: [ChatAction] = []
        let faults = withSubject(mine: mine) { _, room, row in actions = [body(room, row)] }
        return faults + actions
    }

    private mutating func withUnsent(_ body: (_ room: String, _ message: String) -> ChatAction) -> [ChatAction] {
        withRoom { state, room in
            let unsent = room.messages.last { row in
                if case .failed = row.delivery { return state.selectedMessageID.map { $0 == row.id } ?? true }
                return row.delivery == .waiting && row.id == state.selectedMessageID
            }
            guard let unsent else {
                state.say(state.phrases(.noMessageChosen), .warning)
                return [.bell]
            }
            return [body(room.id, unsent.id)]
        }
    }

    private mutating func save(_ path: String?) -> [ChatAction] {
        func isFile(_ row: MessageRow) -> Bool { if case .file = row.kind { true } else { false } }
        guard let room, let row = subject(where: isFile), isFile(row) else {
            say(phrases(.noFileThere), .warning)
            return [.bell]
        }
        return [.save(room: room.id, message: row.id, path: path)]
    }

    private mutating func beginReply() -> [ChatAction] {
        withSubject { state, _, row in
            state.intent = .reply(to: row.id)
            state.focus = .composer
        }
    }

    private mutating func beginEdit() -> [ChatAction] {
        withSubject(mine: true) { state, _, row in
            guard row.kind == .message || row.kind == .emote, row.delivery == .sent else {
                return state.say(state.phrases(.noMessageChosen), .warning)
            }
            state.intent = .edit(message: row.id)
            state.composer.replace(with: DisplayText.paragraphs(row.text))
            state.focus = .composer
        }
    }

    mutating func confirm(_ action: ChatAction, _ question: String) {
        panel = Panel(
            .confirmation(action), title: "?", text: [[Span(question)]],
            items: [
                Panel.Item("no", [Span(phrases(.no))]), Panel.Item("yes", [Span(phrases(.yes))]),
            ])
    }
}
