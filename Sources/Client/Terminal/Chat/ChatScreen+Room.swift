extension ChatScreen {
    func drawRoom(_ state: ChatState, _ geometry: ChatGeometry, _ canvas: inout Canvas) {
        guard let room = state.room else { return drawNothing(state, geometry, &canvas) }
        drawTitle(room, state, geometry.title, &canvas)
        let area = geometry.timeline
        let window = state.window
        if room.messages.isEmpty || room.isInvitation {
            let phrase: Phrase =
                room.isInvitation ? .invitedHere : room.isLoadingOlder ? .loadingOlder : .noMessages
            let lines = LineBreaking.lines(of: state.phrases(phrase), width: max(area.columns.count - 2, 1))
            for (place, line) in lines.enumerated() where area.rows.contains(area.rows.lowerBound + 1 + place) {
                put(
                    [Span(line, .quiet)], row: area.rows.lowerBound + 1 + place, column: area.columns.lowerBound + 1,
                    limit: area.columns.upperBound, &canvas)
            }
        } else {
            drawTimeline(window, state, area, &canvas)
        }
        drawHint(room, state, window, geometry.hint, &canvas)
    }

    private func drawNothing(_ state: ChatState, _ geometry: ChatGeometry, _ canvas: inout Canvas) {
        let columns = geometry.title.columns
        canvas.fill(row: 0, columns: columns, style: palette.style(.bar))
        put(
            [Span(state.phrases(.chooseChat), .quiet)], row: geometry.timeline.rows.lowerBound + 1,
            column: columns.lowerBound + 1, limit: columns.upperBound, &canvas)
    }

    private func drawTitle(
        _ room: ChatState.OpenRoom, _ state: ChatState, _ area: ChatGeometry.Area, _ canvas: inout Canvas
    ) {
        guard let row = area.rows.first else { return }
        let limit = area.columns.upperBound
        canvas.fill(row: row, columns: area.columns, style: palette.style(.bar))
        let name = DisplayText.line(room.name, maximumLength: 120)
        var lock = "\(room.security.sign) \(state.phrases.security(room.security)) "
        if CellWidth.of(lock) > area.columns.count * 2 / 3 {
            lock =
                isBlocked(room.security)
                ? lock.shortened(toCells: area.columns.count * 2 / 3) : room.security.sign + " "
        }
        let count = room.memberCount > 2 ? " \(room.memberCount)" : ""
        let nameRoom = max(area.columns.count - CellWidth.of(lock) - CellWidth.of(count) - 2, 0)
        let shown = (name.isEmpty ? state.phrases(.namelessChat) : name).shortened(toCells: nameRoom)
        put([Span(" \(shown)\(count)", .bar)], row: row, column: area.columns.lowerBound, limit: limit, &canvas)
        put(
            [Span(lock, room.security.role)], row: row, column: limit - CellWidth.of(lock), limit: limit, on: .bar,
            &canvas)
    }

    private func isBlocked(_ security: LineSecurity) -> Bool {
        if case .blocked = security { true } else { false }
    }

    private func drawTimeline(
        _ window: Viewport.Window, _ state: ChatState, _ area: ChatGeometry.Area, _ canvas: inout Canvas
    ) {
        let first = max(area.rows.upperBound - window.lines.count, area.rows.lowerBound)
        for (place, line) in window.lines.enumerated() {
            let row = first + place
            guard area.rows.contains(row) else { break }
            let isChosen = line.messageID != nil && line.messageID == state.selectedMessageID
            if isChosen { canvas.fill(row: row, columns: area.columns, style: palette.style(.selected)) }
            put(
                line.spans, row: row, column: area.columns.lowerBound + line.indent, limit: area.columns.upperBound,
                on: isChosen ? .selected : nil, &canvas)
        }
        if window.reachesTop, window.lines.count < area.rows.count, let room = state.room {
            let text = state.phrases(room.hasOlder ? .loadingOlder : .beginning)
            put(
                [Span(text, .quiet)], row: first - 1, column: area.columns.lowerBound + 1,
                limit: area.columns.upperBound,
                &canvas)
        }
    }

    /// The line above the text: what is answered, what is below, who is writing.
    private func drawHint(
        _ room: ChatState.OpenRoom, _ state: ChatState, _ window: Viewport.Window, _ area: ChatGeometry.Area,
        _ canvas: inout Canvas
    ) {
        guard let row = area.rows.first else { return }
        let span: Span
        switch state.intent {
        case .edit: span = Span(state.phrases(.editing), .prompt)
        case .reply(let id):
            let message = room.messages.last { $0.id == id }
            let values = [
                "name": DisplayText.line(message?.senderName ?? "", maximumLength: 40),
                "text": DisplayText.line(message?.text ?? ""),
            ]
            span = Span(state.phrases(.replyingTo, values), .prompt)
        case .new:
            if window.countBelow > 0 {
                span = Span(state.phrases(.newBelow, count: window.countBelow), .unread)
            } else if let first = room.typing.first {
                let others = room.typing.count - 1
                let name = DisplayText.line(first, maximumLength: 40)
                span = Span(
                    others == 0
                        ? state.phrases(.typingOne, ["name": name])
                        : state.phrases(.typingMany, count: others, ["name": name]), .quiet)
            } else {
                span = Span(String(repeating: "─", count: area.columns.count), .quiet)
            }
        }
        let text = span.text.shortened(toCells: area.columns.count)
        put([Span(text, span.role)], row: row, column: area.columns.lowerBound, limit: area.columns.upperBound, &canvas)
    }

    // MARK: Panels

    func drawPanel(_ panel: Panel, _ state: ChatState, _ canvas: inout Canvas) {
        let size = state.size
        let width = min(size.columns, 76)
        let inner = max(width - 4, 1)
        var text = panel.text.flatMap { TimelineLayout.break($0, width: inner) }
        let fixed = 3 + (panel.query == nil ? 0 : 1)
        let wanted = text.count + panel.items.count + fixed + (panel.items.isEmpty && panel.query != nil ? 1 : 0)
        let height = min(max(size.rows - (size.rows > 14 ? 2 : 0), 1), max(wanted, 5))
        let top = max((size.rows - height) / 2, 0)
        let left = max((size.columns - width) / 2, 0)
        let body = max(height - fixed, 0)
        if panel.items.isEmpty {
            let first = min(panel.scroll, max(text.count - body, 0))
            text = Array(text.dropFirst(first).prefix(body))
        } else {
            text = Array(text.prefix(max(body - min(panel.items.count, 3), 0)))
        }
        drawFrame(panel, state, rows: top..<top + height, columns: left..<left + width, &canvas)
        var row = top + 1
        if let query = panel.query {
            let end = put(
                [Span("> ", .prompt), Span(query.text)], row: row, column: left + 2, limit: left + width - 2, &canvas)
            canvas.cursor = CellPosition(row: row, column: min(end, max(left + width - 2, 0)))
            row += 1
        } else {
            canvas.cursor = nil
        }
        for line in text {
            put(line, row: row, column: left + 2, limit: left + width - 2, &canvas)
            row += 1
        }
        drawItems(panel, state, rows: row..<max(top + height - 2, row), columns: left..<left + width, &canvas)
    }

    private func drawItems(
        _ panel: Panel, _ state: ChatState, rows: Range<Int>, columns: Range<Int>, _ canvas: inout Canvas
    ) {
        if panel.items.isEmpty, panel.query != nil, let row = rows.first {
            put(
                [Span(state.phrases(.nothingFound), .quiet)], row: row, column: columns.lowerBound + 2,
                limit: columns.upperBound - 2, &canvas)
        }
        let first = max(0, min(panel.selection - rows.count + 1, panel.items.count - rows.count))
        for (place, item) in panel.items.dropFirst(first).prefix(rows.count).enumerated() {
            let row = rows.lowerBound + place
            let isChosen = first + place == panel.selection
            let inner = columns.lowerBound + 1..<max(columns.upperBound - 1, columns.lowerBound + 1)
            if isChosen { canvas.fill(row: row, columns: inner, style: palette.style(.selected)) }
            put(
                item.spans.map { Span(DisplayText.line($0.text).isEmpty ? "" : $0.text, $0.role) }, row: row,
                column: columns.lowerBound + 2, limit: columns.upperBound - 2, on: isChosen ? .selected : nil, &canvas)
        }
    }

    private func drawFrame(
        _ panel: Panel, _ state: ChatState, rows: Range<Int>, columns: Range<Int>, _ canvas: inout Canvas
    ) {
        let quiet = palette.style(.quiet)
        let bar = String(repeating: "─", count: max(columns.count - 2, 0))
        for row in rows { canvas.fill(row: row, columns: columns) }
        for row in rows {
            let isEdge = row == rows.lowerBound || row == rows.upperBound - 1
            let line = row == rows.lowerBound ? "┌\(bar)┐" : row == rows.upperBound - 1 ? "└\(bar)┘" : ""
            if isEdge {
                canvas.put(line, row: row, column: columns.lowerBound, style: quiet)
            } else {
                canvas.put("│", row: row, column: columns.lowerBound, style: quiet)
                canvas.put("│", row: row, column: columns.upperBound - 1, style: quiet)
            }
        }
        let title = " \(DisplayText.line(panel.title).shortened(toCells: max(columns.count - 6, 1))) "
        canvas.put(
            title, row: rows.lowerBound, column: columns.lowerBound + 2, limit: columns.upperBound - 1,
            style: palette.style(.title))
        let keys = state.phrases(panel.items.isEmpty ? .scrollKeys : .panelKeys)
        canvas.put(
            keys, row: max(rows.upperBound - 2, rows.lowerBound), column: columns.lowerBound + 2,
            limit: columns.upperBound - 1, style: quiet)
    }
}
