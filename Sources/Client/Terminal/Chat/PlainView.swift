/// The chats without a screen: what has changed, as lines, once. Screen readers read them in their order.
package struct PlainView: Sendable {
    /// Of a chat that is opened, so many messages are told.
    private static let openingMessages = 20

    private let mode: LineMode
    private var roomID: String?
    private var security: LineSecurity?
    /// What has been told of the open chat, with how it was told.
    private var told: [String: [String]] = [:]
    private var panel: Panel?
    private var notice: Span?
    private var connection: String?
    private var unread: [String: Int] = [:]

    package init(phrases: Phrases, clock: @escaping WallClock) {
        mode = LineMode(phrases: phrases, clock: clock)
    }

    /// What is new since the last time.
    package mutating func lines(of state: ChatState) -> [String] {
        var lines = connectionLines(state) + unreadLines(state)
        lines += messageLines(state)
        if state.panel != panel {
            panel = state.panel
            if let panel { lines += self.lines(of: panel) }
        }
        if state.notice != notice {
            notice = state.notice
            if let notice { lines.append(DisplayText.line(notice.text, maximumLength: 1_000)) }
        }
        return lines
    }

    private mutating func connectionLines(_ state: ChatState) -> [String] {
        let phrase: String =
            switch state.connection.state {
            case .connecting: mode.phrases(.connecting)
            case .online: mode.phrases(.online)
            case .offline: mode.phrases(.offline)
            case .signedOut: mode.phrases(.signedOut)
            }
        guard phrase != connection else { return [] }
        connection = phrase
        return ["-- \(phrase)"]
    }

    /// Other chats in which something has come.
    private mutating func unreadLines(_ state: ChatState) -> [String] {
        var lines: [String] = []
        for row in state.rooms {
            let before = unread[row.id]
            let count = row.isInvitation ? -1 : row.unreadCount
            unread[row.id] = count
            guard row.id != state.room?.id, count != before, count != 0 else { continue }
            if before != nil || row.isInvitation { lines.append("-- \(mode.line(row))") }
        }
        return lines
    }

    private mutating func messageLines(_ state: ChatState) -> [String] {
        guard let room = state.room else {
            roomID = nil
            return []
        }
        var lines: [String] = []
        if room.id != roomID {
            (roomID, told, security) = (room.id, [:], room.security)
            let name = DisplayText.line(room.name)
            lines.append(
                "== \(name.isEmpty ? mode.phrases(.namelessChat) : name) · \(mode.phrases.security(room.security))")
            if room.isInvitation { lines.append(mode.phrases(.invitedHere)) }
        }
        if room.security != security {
            security = room.security
            lines.append("-- \(mode.phrases.security(room.security))")
        }
        let isOpening = told.isEmpty
        if isOpening {
            for row in room.messages.dropLast(Self.openingMessages) { told[row.id] = [] }
        }
        for row in room.messages where told[row.id]?.isEmpty != true {
            let said = mode.lines(row)
            guard told[row.id] != said else { continue }
            // While it is on its way, a message says nothing that its writer does not know.
            let isWaiting = row.delivery == .waiting || row.delivery == .sending
            if !isWaiting { lines += said }
            if !isWaiting || told[row.id] == nil { told[row.id] = isWaiting ? nil : said }
        }
        return lines
    }

    private func lines(of panel: Panel) -> [String] {
        var lines = ["== \(DisplayText.line(panel.title))"]
        lines += panel.text.map { $0.map { DisplayText.line($0.text, maximumLength: 1_000) }.joined(separator: " ") }
        for (index, item) in panel.items.enumerated() {
            lines.append("\(index + 1)  " + item.spans.map { DisplayText.line($0.text) }.joined(separator: " "))
        }
        return lines
    }
}

extension ChatState {
    /// What follows from a line: a number takes what a panel offers, an empty line closes it; anything else is written
    /// and sent.
    package mutating func handle(line: String) -> [ChatAction] {
        if let open = panel {
            if let number = Int(line), open.items.indices.contains(number - 1) {
                panel?.selection = number - 1
                return handle(.key(Key(.enter)))
            }
            let closing = handle(.key(Key(.escape)))
            if line.isEmpty || Int(line) != nil { return closing }
            return closing + handle(line: line)
        }
        guard !line.isEmpty else { return [] }
        notice = nil
        composer.clear()
        focus = .composer
        return write(line, isPasted: true) + submit()
    }
}
