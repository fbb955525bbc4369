/// One line of a chat's history as it is shown.
package struct TimelineLine: Sendable, Equatable {
    package var spans: [Span]
    /// The message that it belongs to; nil for days and marks.
    package var messageID: String?
    /// Cells before the first span.
    package var indent = 0
}

/// Lays messages out in so many cells: days, names, wrapped texts, reactions.
package struct TimelineLayout: Sendable {
    /// Messages of one person within it stand under one name.
    private static let groupMilliseconds: Int64 = 5 * 60_000
    /// Of a longer message so many lines are shown, and how many more there are.
    private static let maximumMessageLines = 400

    package let phrases: Phrases
    package let clock: WallClock
    package var width: Int

    package init(phrases: Phrases, clock: @escaping WallClock, width: Int) {
        (self.phrases, self.clock, self.width) = (phrases, clock, width)
    }

    /// The lines of a message that stands after another.
    ///
    /// - Parameter endsRead: Whether the reader had read up to the message before.
    package func lines(of row: MessageRow, after previous: MessageRow?, endsRead: Bool = false) -> [TimelineLine] {
        var lines: [TimelineLine] = []
        let time = clock(row.time)
        let isNewDay = previous.map { !clock($0.time).isSameDay(as: time) } ?? true
        if isNewDay { lines.append(TimelineLine(spans: rule(phrases.day(time), .quiet))) }
        if endsRead { lines.append(TimelineLine(spans: rule(phrases(.readUpToHere), .unread))) }
        if row.kind == .change {
            lines += wrapped([Span(DisplayText.line(row.text), .quiet)], row, indent: 2, mark: "· ")
            return lines
        }
        if isNewDay || endsRead || !continues(row, previous) { lines.append(header(row, time)) }
        if let quote = row.replyTo { lines.append(quoted(quote, row)) }
        lines += content(row)
        lines += reactions(row)
        if let warning = row.warning {
            lines += wrapped([Span(DisplayText.line(warning), .warning)], row, indent: 2, mark: "! ")
        }
        return lines
    }

    private func continues(_ row: MessageRow, _ previous: MessageRow?) -> Bool {
        guard let previous, previous.kind != .change, previous.sender.utf8.elementsEqual(row.sender.utf8) else {
            return false
        }
        return row.time - previous.time < Self.groupMilliseconds && row.kind != .emote
    }

    private func rule(_ text: String, _ role: Role) -> [Span] {
        let middle = " \(text.shortened(toCells: max(width - 4, 1))) "
        let side = max(width - CellWidth.of(middle), 0) / 2
        let line = String(repeating: "─", count: side)
        return [Span(line + middle + line, role)]
    }

    private func header(_ row: MessageRow, _ time: WallTime) -> TimelineLine {
        let name = row.isMine ? phrases(.me) : shown(row.senderName, or: row.sender)
        let clock = phrases.time(time)
        let room = max(width - CellWidth.of(clock) - 2, 1)
        return TimelineLine(
            spans: [
                Span(name.shortened(toCells: room), row.isMine ? .mine : .name(of: row.sender)),
                Span("  \(clock)", .quiet),
            ], messageID: row.id)
    }

    private func shown(_ name: String, or identifier: String) -> String {
        let name = DisplayText.line(name, maximumLength: 60)
        return name.isEmpty ? DisplayText.line(identifier) : name
    }

    private func quoted(_ quote: MessageRow.Quote, _ row: MessageRow) -> TimelineLine {
        let text = "│ \(shown(quote.sender, or: "?")): \(DisplayText.line(quote.text))"
        return TimelineLine(spans: [Span(text.shortened(toCells: width - 2), .quote)], messageID: row.id, indent: 2)
    }

    private func content(_ row: MessageRow) -> [TimelineLine] {
        let text = DisplayText.paragraphs(row.text)
        let name = shown(row.senderName, or: row.sender)
        let spans: [Span] =
            switch row.kind {
            case .message, .change: [Span(text)]
            case .notice: [Span(text, .quiet)]
            case .emote: [Span("* \(name) \(text)")]
            case .redacted: [Span(phrases(.unsent), .quiet)]
            case .unreadable: [Span(phrases(.unreadable, ["reason": text]), .warning)]
            case .file(let name, let bytes): file(name, bytes, caption: text)
            }
        return wrapped(spans + marks(row), row, indent: 2, mark: "")
    }

    private func file(_ name: String, _ bytes: Int?, caption: String) -> [Span] {
        let name = DisplayText.line(name)
        let size = bytes.map { " (\(phrases.bytes($0)))" } ?? ""
        let spans = [Span("[\(phrases(.file))] ", .reaction), Span(name + size)]
        return caption.isEmpty || caption == name ? spans : spans + [Span("\n\(caption)")]
    }

    /// What stands after the text: whether it was edited, how it is on its way, who has not read it.
    private func marks(_ row: MessageRow) -> [Span] {
        var spans: [Span] = []
        if row.isEdited { spans.append(Span(" (\(phrases(.edited)))", .quiet)) }
        switch row.delivery {
        case .sent: break
        case .waiting: spans.append(Span(" · \(phrases(.waiting))", .warning))
        case .sending: spans.append(Span(" · \(phrases(.sending))", .quiet))
        case .failed(let reason):
            spans.append(Span(" ! \(phrases(.failed, ["reason": DisplayText.line(reason)]))", .failure))
        }
        if let count = row.unreadBy, count > 0, row.delivery == .sent { spans.append(Span(" \(count)", .unread)) }
        return spans
    }

    private func reactions(_ row: MessageRow) -> [TimelineLine] {
        guard !row.reactions.isEmpty else { return [] }
        let spans = row.reactions.prefix(40).map { reaction in
            let key = DisplayText.line(reaction.key, maximumLength: 12)
            return Span("\(key) \(reaction.count)  ", reaction.isMine ? .mine : .reaction)
        }
        return wrapped(spans, row, indent: 2, mark: "")
    }

    /// Breaks a text of several roles into lines.
    private func wrapped(_ spans: [Span], _ row: MessageRow, indent: Int, mark: String) -> [TimelineLine] {
        let spans = mark.isEmpty ? spans : [Span(mark, spans.first?.role ?? .plain)] + spans
        let indent = width > 24 ? indent : 0
        var lines = Self.break(spans, width: max(width - indent, 2)).map {
            TimelineLine(spans: $0, messageID: row.id, indent: indent)
        }
        if lines.count > Self.maximumMessageLines {
            let hidden = lines.count - Self.maximumMessageLines
            lines.removeLast(hidden)
            lines.append(TimelineLine(spans: [Span("… +\(hidden)", .quiet)], messageID: row.id, indent: indent))
        }
        return lines
    }

    /// Lines of so many cells, each with its own pieces of the spans.
    package static func `break`(_ spans: [Span], width: Int) -> [[Span]] {
        var characters: [Character] = []
        var roles: [Role] = []
        for span in spans {
            for character in span.text {
                characters.append(character)
                roles.append(span.role)
            }
        }
        return LineBreaking.lines(of: characters, width: width).map { range in
            var line: [Span] = []
            for index in range {
                if let last = line.indices.last, line[last].role == roles[index] {
                    line[last].text.append(characters[index])
                } else {
                    line.append(Span(String(characters[index]), roles[index]))
                }
            }
            return line
        }
    }
}
