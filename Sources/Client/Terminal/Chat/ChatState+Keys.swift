extension ChatState {
    /// What follows from something done at the keyboard.
    package mutating func handle(_ event: InputEvent) -> [ChatAction] {
        if case .ground = event { return [] }
        notice = nil
        if case .key(let key) = event, let actions = everywhere(key) { return actions }
        if panel != nil { return handleInPanel(event) }
        switch (event, focus) {
        case (.key(let key), .rooms): return handleInList(key)
        case (.key(let key), .messages): return handleInMessages(key)
        case (.key(let key), .composer): return handleInComposer(key)
        case (.text("?"), .rooms), (.text("?"), .messages): showHelp()
        case (.text(let text), .messages): return act(on: text)
        case (.text(let text), _): return write(text, isPasted: false)
        case (.paste(let text), _): return write(text, isPasted: true)
        case (.ground, _): break
        }
        return []
    }

    /// Keys that mean the same wherever one is.
    private mutating func everywhere(_ key: Key) -> [ChatAction]? {
        switch key {
        case .control("c"):
            if panel != nil { return closePanel() }
            guard !composer.isEmpty else { return [.quit] }
            composer.clear()
            intent = .new
            return typingChanged()
        case .control("z"): return [.suspend]
        case .control("l"): return [.redraw]
        case Key(.function(1)): showHelp()
        default: return nil
        }
        return []
    }

    /// Keys of the chats, where no panel is open.
    private mutating func anywhere(_ key: Key) -> [ChatAction]? {
        let page = max(ChatGeometry(self).timeline.rows.count - 2, 1)
        switch key {
        case .control("k"): showSwitcher(query: "")
        case .control("f"):
            composer.replace(with: "/search ")
            focus = .composer
        case Key(.tab): moveFocus(by: 1)
        case Key(.tab, .shift): moveFocus(by: -1)
        case Key(.pageUp): scroll(by: page)
        case Key(.pageDown): scroll(by: -page)
        case Key(.end, .control): viewport.followNewest()
        case Key(.up, .alt), Key(.down, .alt): return openNeighbour(key.code == .up ? -1 : 1, onlyUnread: false)
        case Key(.up, [.alt, .shift]), Key(.down, [.alt, .shift]):
            return openNeighbour(key.code == .up ? -1 : 1, onlyUnread: true)
        default: return nil
        }
        return []
    }

    private mutating func moveFocus(by step: Int) {
        var order: [Focus] = [.rooms]
        if room?.messages.isEmpty == false { order.append(.messages) }
        order.append(.composer)
        let index = order.firstIndex(of: focus) ?? 0
        focus = order[(index + step + order.count) % order.count]
        if focus == .messages { select(room?.messages.count ?? 0, step: -1) } else { selectedMessageID = nil }
    }

    private func openNeighbour(_ step: Int, onlyUnread: Bool) -> [ChatAction] {
        let current = rooms.firstIndex { $0.id == room?.id } ?? (step > 0 ? -1 : rooms.count)
        var index = current + step
        while rooms.indices.contains(index) {
            if !onlyUnread || rooms[index].unreadCount > 0 || rooms[index].isInvitation {
                return [.open(room: rooms[index].id)]
            }
            index += step
        }
        return [.bell]
    }

    // MARK: The list

    private mutating func handleInList(_ key: Key) -> [ChatAction] {
        if let actions = anywhere(key) { return actions }
        switch key.code {
        case .up: listSelection = max(listSelection - 1, 0)
        case .down: listSelection = min(listSelection + 1, max(rooms.count - 1, 0))
        case .home: listSelection = 0
        case .end: listSelection = max(rooms.count - 1, 0)
        case .enter, .right:
            if key.code == .enter, !composer.isEmpty { return submit() }
            guard rooms.indices.contains(listSelection) else { return [] }
            return [.open(room: rooms[listSelection].id)]
        case .escape: if room != nil { focus = .composer }
        case .backspace: composer.deleteBackward()
        default: break
        }
        return []
    }

    // MARK: Messages

    private mutating func handleInMessages(_ key: Key) -> [ChatAction] {
        if let actions = anywhere(key) { return actions }
        let index = room?.messages.firstIndex { $0.id == selectedMessageID } ?? 0
        switch key.code {
        case .up: select(index, step: -1)
        case .down: select(index, step: 1)
        case .home: select(-1, step: 1)
        case .end: select(room?.messages.count ?? 0, step: -1)
        case .enter: showMessageMenu()
        case .delete: return act(on: "u")
        case .escape:
            selectedMessageID = nil
            focus = .composer
        default: break
        }
        return []
    }

    /// Chooses the next message that something can be done with.
    private mutating func select(_ index: Int, step: Int) {
        let messages = room?.messages ?? []
        var index = index + step
        while messages.indices.contains(index), messages[index].kind == .change { index += step }
        guard messages.indices.contains(index) else {
            scroll(by: -step)
            return
        }
        selectedMessageID = messages[index].id
        viewport.reveal(messages[index].id, history, height: ChatGeometry(self).timeline.rows.count)
    }

    /// What a letter does with the chosen message; the letters of the Korean keyboard in the same places, too, for who
    /// has not switched.
    private mutating func act(on letter: String) -> [ChatAction] {
        switch letter {
        case "r", "ㄱ": return run("/reply")
        case "e", "ㄷ": return run("/react")
        case "c", "ㅊ": return run("/edit")
        case "u", "ㅕ": return run("/unsend")
        case "s", "ㄴ": return run("/save")
        default: return [.bell]
        }
    }

    // MARK: Writing

    private mutating func handleInComposer(_ key: Key) -> [ChatAction] {
        if let actions = anywhere(key) { return actions }
        switch key {
        case Key(.enter): return submit()
        case Key(.enter, .alt), Key(.enter, .shift), .control("j"): return write("\n", isPasted: false)
        case Key(.escape): return leaveComposer()
        case Key(.up) where composer.isEmpty: return run("/edit")
        default: break
        }
        let before = composer.isEmpty
        edit(key)
        return before == composer.isEmpty ? [] : typingChanged()
    }

    private mutating func edit(_ key: Key) {
        let width = max(ChatGeometry(self).composer.columns.count - ChatGeometry.promptCells, 1)
        switch key {
        case Key(.backspace): composer.deleteBackward()
        case Key(.delete), .control("d"): composer.deleteForward()
        case Key(.backspace, .alt), .control("w"): composer.deleteWordBackward()
        case .alt("d"), Key(.delete, .control): composer.deleteWordForward()
        case .control("u"): composer.deleteToLineStart()
        case .alt("k"): composer.deleteToLineEnd()
        case .control("y"): composer.yank()
        case .control("_"), .alt("z"): composer.undo()
        case .alt("_"), .alt("Z"): composer.redo()
        case .control("p"): composer.recallOlder()
        case .control("n"): composer.recallNewer()
        case Key(.left), .control("b"): composer.move(.left)
        case Key(.right): composer.move(.right)
        case Key(.left, .control), Key(.left, .alt), .alt("b"): composer.move(.wordLeft)
        case Key(.right, .control), Key(.right, .alt), .alt("f"): composer.move(.wordRight)
        case Key(.home), .control("a"): composer.move(.lineStart)
        case Key(.end), .control("e"): composer.move(.lineEnd)
        case Key(.up): if !composer.moveLine(by: -1, width: width) { composer.move(.start) }
        case Key(.down): if !composer.moveLine(by: 1, width: width) { composer.move(.end) }
        default: break
        }
    }

    mutating func write(_ text: String, isPasted: Bool) -> [ChatAction] {
        if focus == .messages { selectedMessageID = nil }
        if focus != .composer, room != nil || showsBothPanes { focus = .composer }
        guard composer.insert(text, isPasted: isPasted) else {
            say(phrases(.tooLong), .failure)
            return [.bell]
        }
        return typingChanged()
    }

    /// Whether others are told that something is being written: between two people only, where nobody minds.
    mutating func typingChanged() -> [ChatAction] {
        guard let room, room.memberCount <= 2, !room.isInvitation else { return [] }
        let isTyping = !composer.isEmpty && !SlashCommand.isCommand(composer.text)
        if let lastTyping, lastTyping == (room.id, isTyping) { return [] }
        guard isTyping || lastTyping?.room == room.id else { return [] }
        lastTyping = (room.id, isTyping)
        return [.typing(room: room.id, isTyping: isTyping)]
    }

    private mutating func leaveComposer() -> [ChatAction] {
        if intent != .new {
            if case .edit = intent { composer.clear() }
            intent = .new
            return typingChanged()
        }
        if !viewport.followsNewest {
            viewport.followNewest()
        } else {
            focus = .rooms
        }
        return []
    }
}
