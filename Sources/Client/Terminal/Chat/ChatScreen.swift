/// Draws the chats.
package struct ChatScreen: Sendable {
    package var palette: Palette

    package init(palette: Palette) { self.palette = palette }

    /// The picture of a state.
    package func draw(_ state: ChatState) -> Canvas {
        var canvas = Canvas(state.size)
        let geometry = ChatGeometry(state)
        drawList(state, geometry, &canvas)
        if !geometry.title.rows.isEmpty || state.showsBothPanes { drawRoom(state, geometry, &canvas) }
        drawComposer(state, geometry, &canvas)
        drawStatus(state, geometry, &canvas)
        if let panel = state.panel { drawPanel(panel, state, &canvas) }
        if let cursor = canvas.cursor, cursor.row >= state.size.rows || cursor.column >= state.size.columns {
            canvas.cursor = nil
        }
        return canvas
    }

    /// Writes spans and returns the column after them.
    @discardableResult
    func put(_ spans: [Span], row: Int, column: Int, limit: Int, on ground: Role? = nil, _ canvas: inout Canvas) -> Int
    {
        var column = column
        for span in spans {
            var style = palette.style(span.role)
            if let ground {
                let base = palette.style(ground)
                style.background = base.background
                style.isReversed = base.isReversed
                // What must be seen keeps its colour on a bar; all else takes the bar's.
                let isUrgent = [.warning, .failure, .secure].contains(span.role) && ground == .bar
                if !isUrgent { style.foreground = base.foreground }
            }
            column = canvas.put(span.text, row: row, column: column, limit: limit, style: style)
        }
        return column
    }

    // MARK: The list

    private func drawList(_ state: ChatState, _ geometry: ChatGeometry, _ canvas: inout Canvas) {
        let area = geometry.list
        guard !area.rows.isEmpty else { return }
        let limit = area.columns.upperBound
        canvas.fill(row: 0, columns: area.columns, style: palette.style(.bar))
        let unread = state.rooms.reduce(0) { $0 + ($1.isMuted ? 0 : $1.unreadCount) }
        let title = " \(state.phrases(.chats))\(unread > 0 ? " (\(unread))" : "")"
        put([Span(title, .bar)], row: 0, column: 0, limit: limit, &canvas)
        if state.showsBothPanes {
            for row in area.rows { canvas.put("│", row: row, column: limit, style: palette.style(.quiet)) }
        }
        let isTwoLines = area.rows.count >= 14
        let step = isTwoLines ? 2 : 1
        let visible = max((area.rows.count - 1) / step, 1)
        let first = max(0, min(state.listSelection - visible + 1, state.rooms.count - visible))
        if state.rooms.isEmpty {
            let lines = LineBreaking.lines(of: state.phrases(.noChats), width: max(area.columns.count - 2, 1))
            for (row, line) in lines.enumerated() where row + 2 < area.rows.upperBound {
                put([Span(line, .quiet)], row: row + 2, column: 1, limit: limit, &canvas)
            }
        }
        for (place, row) in state.rooms.dropFirst(first).prefix(visible).enumerated() {
            let isSelected = first + place == state.listSelection
            drawChat(
                row, state, at: 1 + place * step, area, isTwoLines: isTwoLines, isChosen: isSelected, &canvas)
        }
    }

    private func drawChat(
        _ chat: ChatRow, _ state: ChatState, at row: Int, _ area: ChatGeometry.Area, isTwoLines: Bool, isChosen: Bool,
        _ canvas: inout Canvas
    ) {
        let limit = area.columns.upperBound
        let isMarked = isChosen && (state.focus == .rooms || state.room?.id == chat.id)
        let ground: Role? = isMarked ? (state.focus == .rooms ? .selected : .bar) : nil
        if let ground {
            for line in row..<min(row + (isTwoLines ? 2 : 1), area.rows.upperBound) {
                canvas.fill(row: line, columns: area.columns, style: palette.style(ground))
            }
        }
        var badge: [Span] = []
        if chat.isInvitation {
            badge = [Span(state.phrases(.invitation), .mention)]
        } else if chat.highlightCount > 0 {
            badge = [Span("@\(chat.unreadCount)", .mention)]
        } else if chat.unreadCount > 0 {
            badge = [Span(chat.unreadCount > 999 ? "999+" : "\(chat.unreadCount)", chat.isMuted ? .quiet : .unread)]
        }
        let badgeWidth = badge.reduce(0) { $0 + CellWidth.of($1.text) }
        let mark = chat.isFavourite ? "*" : state.room?.id == chat.id ? ">" : " "
        let name = DisplayText.line(chat.name, maximumLength: 80)
        let shown = (name.isEmpty ? state.phrases(.namelessChat) : name)
        let time = chat.time.map { state.phrases.shortTime(state.clock($0), now: state.clock(state.now)) } ?? ""
        let timeWidth = isTwoLines ? CellWidth.of(time) : 0
        let nameRoom = area.columns.count - 2 - (isTwoLines ? timeWidth : badgeWidth) - 1
        put(
            [Span(mark + shown.shortened(toCells: nameRoom), .title)], row: row, column: 0, limit: limit, on: ground,
            &canvas)
        if isTwoLines {
            put([Span(time, .quiet)], row: row, column: limit - timeWidth - 1, limit: limit, on: ground, &canvas)
            let preview = DisplayText.line(chat.preview).shortened(toCells: area.columns.count - 3 - badgeWidth)
            put([Span(preview, .quiet)], row: row + 1, column: 1, limit: limit, on: ground, &canvas)
        }
        let badgeRow = isTwoLines ? row + 1 : row
        put(badge, row: badgeRow, column: limit - badgeWidth - 1, limit: limit, on: ground, &canvas)
    }

    // MARK: What is written, and how the line stands

    private func drawComposer(_ state: ChatState, _ geometry: ChatGeometry, _ canvas: inout Canvas) {
        let area = geometry.composer
        let limit = area.columns.upperBound
        let lines = geometry.composerLines.dropFirst(geometry.composerFirst).prefix(area.rows.count)
        for (place, line) in lines.enumerated() {
            let row = area.rows.lowerBound + place
            canvas.fill(row: row, columns: area.columns)
            let prompt = geometry.composerFirst + place == 0 ? "> " : "  "
            put([Span(prompt, .prompt)], row: row, column: area.columns.lowerBound, limit: limit, &canvas)
            put(
                [Span(line)], row: row, column: area.columns.lowerBound + ChatGeometry.promptCells, limit: limit,
                &canvas)
        }
        if state.composer.isEmpty {
            let column = area.columns.lowerBound + ChatGeometry.promptCells
            let hint = state.phrases(.composerHint).shortened(toCells: max(limit - column, 0))
            put([Span(hint, .quiet)], row: area.rows.lowerBound, column: column, limit: limit, &canvas)
        }
        if state.focus == .composer, state.panel == nil, !area.rows.isEmpty {
            canvas.cursor = CellPosition(
                row: area.rows.lowerBound + geometry.composerCursor.row - geometry.composerFirst,
                column: min(
                    area.columns.lowerBound + ChatGeometry.promptCells + geometry.composerCursor.column,
                    max(limit - 1, 0)))
        }
    }

    private func drawStatus(_ state: ChatState, _ geometry: ChatGeometry, _ canvas: inout Canvas) {
        let row = geometry.status.rows.lowerBound
        let columns = geometry.status.columns
        canvas.fill(row: row, columns: columns, style: palette.style(.bar))
        if let notice = state.notice {
            let text = " \(DisplayText.line(notice.text))".shortened(toCells: columns.count)
            put([Span(text, notice.role)], row: row, column: 0, limit: columns.upperBound, on: .bar, &canvas)
            return
        }
        let status = " " + state.phrases.connection(state.connection)
        let isWell = state.connection.state == .online && !state.connection.isSlow && state.connection.queuedCount == 0
        let end = put(
            [Span(status.shortened(toCells: columns.count), isWell ? .bar : .warning)], row: row, column: 0,
            limit: columns.upperBound, on: .bar, &canvas)
        let keys = state.phrases(.keysShort) + " "
        let start = columns.upperBound - CellWidth.of(keys)
        if start > end + 1 { put([Span(keys, .bar)], row: row, column: start, limit: columns.upperBound, &canvas) }
    }
}
