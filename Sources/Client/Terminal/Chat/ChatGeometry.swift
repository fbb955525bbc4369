/// Where the parts of the screen are.
struct ChatGeometry {
    struct Area: Equatable {
        var rows: Range<Int>
        var columns: Range<Int>

        static let none = Area(rows: 0..<0, columns: 0..<0)
    }

    /// The list of chats; empty when only the chat fits.
    let list: Area
    /// The chat's title with its lock.
    let title: Area
    let timeline: Area
    /// What is answered to, or who is writing.
    let hint: Area
    let composer: Area
    let status: Area
    /// The text that is being written, in lines of the composer's width.
    let composerLines: [String]
    let composerCursor: CellPosition
    /// The first line of the text that is seen.
    let composerFirst: Int

    static let promptCells = 2

    init(_ state: ChatState) {
        let size = state.size
        let bottom = max(size.rows - 1, 0)
        status = Area(rows: bottom..<size.rows, columns: 0..<size.columns)
        let isBoth = state.showsBothPanes
        let listWidth = isBoth ? min(max(size.columns / 4, 24), 36) : size.columns
        let showsList = isBoth || state.focus == .rooms || state.room == nil
        // The only pane leaves a line for commands.
        let listBottom = isBoth ? bottom : max(bottom - 1, 0)
        list = showsList ? Area(rows: 0..<listBottom, columns: 0..<listWidth) : .none
        let first = isBoth ? listWidth + 1 : 0
        let titleColumns = min(first, size.columns)..<size.columns
        // Texts do not touch the line between the panes.
        let columns = min(isBoth ? first + 1 : first, size.columns)..<size.columns
        let textWidth = max(columns.count - Self.promptCells, 1)
        composerLines = state.composer.lines(width: textWidth)
        composerCursor = state.composer.place(width: textWidth)
        // Title and four lines of history come before the text.
        let mostLines = max(min(6, bottom - 5), 1)
        let lineCount = min(composerLines.count, mostLines)
        composerFirst = max(0, min(composerCursor.row - lineCount + 1, composerLines.count - lineCount))
        guard isBoth || !showsList else {
            (title, timeline, hint) = (.none, .none, .none)
            composer = Area(rows: max(bottom - 1, 0)..<bottom, columns: 0..<size.columns)
            return
        }
        let composerTop = max(bottom - lineCount, 0)
        composer = Area(rows: composerTop..<bottom, columns: columns)
        let hintTop = max(composerTop - 1, 0)
        hint = Area(rows: hintTop..<composerTop, columns: columns)
        title = Area(rows: 0..<min(1, hintTop), columns: titleColumns)
        timeline = Area(rows: title.rows.upperBound..<max(hintTop, title.rows.upperBound), columns: columns)
    }
}
