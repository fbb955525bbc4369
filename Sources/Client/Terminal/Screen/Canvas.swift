/// How many cells there are.
package struct ScreenSize: Sendable, Equatable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        // A terminal that says nonsense gets something that can be drawn on, and nothing that fills the memory.
        self.columns = min(max(columns, 1), 1_000)
        self.rows = min(max(rows, 1), 500)
    }
}

/// A place on the screen, counted from 0.
package struct CellPosition: Sendable, Equatable {
    package var row: Int
    package var column: Int

    package init(row: Int, column: Int) {
        (self.row, self.column) = (row, column)
    }
}

/// One place of the screen with what begins in it.
package struct Cell: Sendable, Equatable {
    /// A character; nothing where the wide one before covers the cell.
    package var text: String
    package var style: Style
    /// How many cells the character covers; 0 where another covers this one.
    package var width: Int
    /// Whether the terminal certainly agrees on the width.
    var isSure: Bool

    static let blank = Cell(text: " ", style: Style(), width: 1, isSure: true)
}

/// A picture of the screen, drawn from scratch each time; ``ScreenUpdate`` finds what has changed.
package struct Canvas: Sendable, Equatable {
    package let size: ScreenSize
    package private(set) var cells: [Cell]
    /// Where the cursor is seen, nil for nowhere.
    package var cursor: CellPosition?

    package init(_ size: ScreenSize) {
        self.size = size
        cells = Array(repeating: .blank, count: size.columns * size.rows)
    }

    package subscript(row: Int, column: Int) -> Cell { cells[row * size.columns + column] }

    /// Writes a text and returns the column after it. What does not fit before `limit` is left out; what would steer
    /// the terminal is never taken, whoever forgot to clean it.
    @discardableResult
    package mutating func put(
        _ text: String, row: Int, column: Int, limit: Int = .max, style: Style = Style()
    ) -> Int {
        guard (0..<size.rows).contains(row), column >= 0 else { return column }
        let limit = min(limit, size.columns)
        var column = column
        for character in text {
            let isHarmless = DisplayText.isHarmless(character)
            let shown = isHarmless ? character : "\u{FFFD}"
            let width = CellWidth.of(shown)
            if width == 0 { continue }
            guard column + width <= limit else { break }
            clear(row, column..<column + width)
            let first = row * size.columns + column
            cells[first] = Cell(text: String(shown), style: style, width: width, isSure: CellWidth.isSure(shown))
            for covered in 1..<max(width, 1) {
                cells[first + covered] = Cell(text: "", style: style, width: 0, isSure: true)
            }
            column += width
        }
        return column
    }

    /// Gives the places a style and takes away what stood there.
    package mutating func fill(row: Int, columns: Range<Int>, style: Style = Style()) {
        guard (0..<size.rows).contains(row) else { return }
        let columns = columns.clamped(to: 0..<size.columns)
        clear(row, columns)
        for column in columns { cells[row * size.columns + column].style = style }
    }

    /// Blanks the places, and whatever stands half in them.
    private mutating func clear(_ row: Int, _ columns: Range<Int>) {
        guard !columns.isEmpty else { return }
        let start = row * size.columns
        var (first, last) = (columns.lowerBound, columns.upperBound)
        while first > 0, cells[start + first].width == 0 { first -= 1 }
        while last < size.columns, cells[start + last].width == 0 { last += 1 }
        for column in first..<last {
            let style = cells[start + column].style
            cells[start + column] = Cell(text: " ", style: style, width: 1, isSure: true)
        }
    }

    /// What a row says, without spaces at its end: for tests and for those who look over a shoulder.
    package func text(row: Int) -> String {
        var line = cells[(row * size.columns)..<((row + 1) * size.columns)].map(\.text).joined()
        while line.last == " " { line.removeLast() }
        return line
    }
}
