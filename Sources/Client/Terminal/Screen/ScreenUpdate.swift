/// What a terminal is told so that it shows one picture after another.
package enum ScreenUpdate {
    private static let escape = "\u{1B}["

    /// The bytes that turn what is seen into `new`; everything is drawn when `old` is unknown or of another size.
    package static func bytes(from old: Canvas?, to new: Canvas) -> [UInt8] {
        let old = old?.size == new.size ? old : nil
        var writer = Writer()
        if old == nil { writer.text += "\(escape)0m\(escape)2J" }
        for row in 0..<new.size.rows { write(row, from: old, to: new, &writer) }
        if writer.text.isEmpty, old?.cursor == new.cursor { return [] }
        var text = writer.text.isEmpty ? "" : "\(escape)?2026h\(escape)?25l\(writer.text)\(escape)0m"
        if let cursor = new.cursor {
            text += "\(move(cursor.row, cursor.column))\(escape)?25h"
        } else {
            text += "\(escape)?25l"
        }
        if !writer.text.isEmpty { text += "\(escape)?2026l" }
        return Array(text.utf8)
    }

    private static func move(_ row: Int, _ column: Int) -> String { "\(escape)\(row + 1);\(column + 1)H" }

    private static func write(_ row: Int, from old: Canvas?, to new: Canvas, _ writer: inout Writer) {
        let columns = new.size.columns
        let range = row * columns..<(row + 1) * columns
        let cells = new.cells[range]
        let before = old?.cells[range]
        if let before, before.elementsEqual(cells) { return }
        // Where a terminal may have drawn something wider or narrower than thought, only the whole row is right again.
        let isSure = cells.allSatisfy(\.isSure) && before?.allSatisfy(\.isSure) != false
        if !isSure, before != nil {
            writer.go(to: row, 0)
            writer.use(Style())
            writer.text += "\(escape)K"
        }
        let known = isSure ? before : nil
        let blankFrom = endOfText(cells) - range.lowerBound
        var column = 0
        // Whether something has been drawn that may reach over its cells.
        var isSpilled = false
        while column < columns {
            let cell = cells[range.lowerBound + column]
            let width = max(cell.width, 1)
            defer { column += width }
            if column >= blankFrom {
                let rest = range.lowerBound + column..<range.upperBound
                let isBlank = known.map { $0[rest].allSatisfy { $0 == .blank } } ?? !isSpilled
                if !isBlank {
                    writer.go(to: row, column)
                    writer.use(Style())
                    writer.text += "\(escape)K"
                }
                return
            }
            let place = range.lowerBound + column..<min(range.lowerBound + column + width, range.upperBound)
            if let known, known[place].elementsEqual(cells[place]) { continue }
            if known == nil, cell == .blank, !isSpilled { continue }
            isSpilled = isSpilled || !cell.isSure
            writer.put(cell, row, column)
        }
    }

    /// The index after the last cell that is not blank.
    private static func endOfText(_ cells: ArraySlice<Cell>) -> Int {
        (cells.lastIndex { $0 != .blank } ?? cells.startIndex - 1) + 1
    }

    /// The terminal's pen: where it stands, nil when that is not known, and how it writes.
    private struct Writer {
        var text = ""
        private var place: CellPosition?
        private var style: Style?

        mutating func go(to row: Int, _ column: Int) {
            let wanted = CellPosition(row: row, column: column)
            if place != wanted { text += ScreenUpdate.move(row, column) }
            place = wanted
        }

        mutating func use(_ wanted: Style) {
            if style != wanted { text += wanted.sequence }
            style = wanted
        }

        mutating func put(_ cell: Cell, _ row: Int, _ column: Int) {
            go(to: row, column)
            use(cell.style)
            if cell.isSure {
                text += cell.text
                place = CellPosition(row: row, column: column + max(cell.width, 1))
            } else {
                // Its cells are painted first, should the terminal take fewer; afterwards the cursor is anywhere.
                text += String(repeating: " ", count: cell.width)
                place = nil
                go(to: row, column)
                text += cell.text
                place = nil
            }
        }
    }
}
