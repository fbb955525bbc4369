/// Chats as plain lines: for screen readers, slow lines and scripts. No colours, no cursor, nothing drawn twice.
package struct LineMode: Sendable {
    package let phrases: Phrases
    package let clock: WallClock

    package init(phrases: Phrases, clock: @escaping WallClock) {
        (self.phrases, self.clock) = (phrases, clock)
    }

    /// A chat of the list.
    package func line(_ row: ChatRow) -> String {
        let name = DisplayText.line(row.name)
        var parts = [name.isEmpty ? phrases(.namelessChat) : name]
        if row.isInvitation { parts.append(phrases(.invitation)) }
        if row.unreadCount > 0 { parts.append("(\(row.unreadCount))") }
        parts.append(phrases(row.isEncrypted ? .lineEncrypted : .lineOpen))
        parts.append(DisplayText.line(row.id))
        return parts.joined(separator: "  ")
    }

    /// A message: the first line begins with time and name, the others are indented.
    package func lines(_ row: MessageRow) -> [String] {
        let name = row.isMine ? phrases(.me) : DisplayText.line(row.senderName, maximumLength: 60)
        var texts: [String]
        switch row.kind {
        case .change: texts = ["· \(DisplayText.line(row.text))"]
        case .redacted: texts = ["\(name): \(phrases(.unsent))"]
        case .unreadable: texts = ["\(name): \(phrases(.unreadable, ["reason": DisplayText.line(row.text)]))"]
        case .emote: texts = ["* \(name) \(DisplayText.paragraphs(row.text))"]
        case .message, .notice: texts = ["\(name): \(DisplayText.paragraphs(row.text))"]
        case .file(let file, let bytes):
            let size = bytes.map { " (\(phrases.bytes($0)))" } ?? ""
            texts = ["\(name): [\(phrases(.file))] \(DisplayText.line(file))\(size)"]
            if !row.text.isEmpty { texts.append(DisplayText.paragraphs(row.text)) }
        }
        if let quote = row.replyTo {
            texts.insert(
                "│ \(DisplayText.line(quote.sender)): \(DisplayText.line(quote.text, maximumLength: 80))", at: 0)
        }
        if row.isEdited { texts[texts.count - 1] += " (\(phrases(.edited)))" }
        if !row.reactions.isEmpty {
            let keys = row.reactions.map { "\(DisplayText.line($0.key, maximumLength: 12)) \($0.count)" }
            texts.append(keys.joined(separator: "  "))
        }
        if case .failed(let reason) = row.delivery {
            texts.append("! " + phrases(.failed, ["reason": DisplayText.line(reason)]))
        }
        if let warning = row.warning { texts.append("! \(DisplayText.line(warning))") }
        let lines = texts.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        let time = phrases.time(clock(row.time))
        return lines.enumerated().map { $0.offset == 0 ? "\(time)  \($0.element)" : "       \($0.element)" }
    }
}
