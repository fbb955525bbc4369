import RandomJSON
import Terminal
import Testing

/// A terminal that understands what ``ScreenUpdate`` writes, and nothing else. What is not "sure" it draws as wide as
/// `unsureWidth` says, as terminals do that count otherwise.
private struct SmallTerminal {
    private(set) var cells: [[String]]
    private var row = 0
    private var column = 0
    private let columns: Int
    private let unsureWidth: (Int) -> Int

    init(_ size: ScreenSize, unsureWidth: @escaping (Int) -> Int = { $0 }) {
        columns = size.columns
        self.unsureWidth = unsureWidth
        cells = Array(repeating: Array(repeating: " ", count: size.columns), count: size.rows)
    }

    mutating func take(_ bytes: [UInt8]) {
        var text = Substring(String(decoding: bytes, as: UTF8.self))
        while let character = text.popFirst() {
            if character == "\u{1B}" {
                #expect(text.popFirst() == "[")
                let parameters = text.prefix { !$0.isLetter }
                text = text.dropFirst(parameters.count)
                command(text.popFirst() ?? "?", parameters)
            } else {
                draw(character)
            }
        }
    }

    private mutating func command(_ letter: Character, _ parameters: Substring) {
        switch letter {
        case "H":
            let numbers = parameters.split(separator: ";").compactMap { Int($0) }
            (row, column) = (numbers[0] - 1, numbers[1] - 1)
        case "K": for place in column..<columns { erase(place) }
        case "J": for line in cells.indices { cells[line] = Array(repeating: " ", count: columns) }
        case "m", "h", "l": break
        default: Issue.record("unexpected sequence \(letter)")
        }
    }

    /// Blanks a place and the other half of what stood there.
    private mutating func erase(_ place: Int) {
        guard place < columns else { return }
        var first = place
        while first > 0, cells[row][first].isEmpty { first -= 1 }
        cells[row][first] = " "
        var next = first + 1
        while next < columns, cells[row][next].isEmpty {
            cells[row][next] = " "
            next += 1
        }
    }

    private mutating func draw(_ character: Character) {
        let own = CellWidth.of(character)
        let width = CellWidth.isSure(character) ? own : max(unsureWidth(own), 1)
        guard column + width <= columns else { return }
        for place in column..<column + width { erase(place) }
        cells[row][column] = String(character)
        for place in 1..<max(width, 1) { cells[row][column + place] = "" }
        column += width
    }
}

@Suite struct ScreenUpdateTests {
    private static let alphabet = ["a", "b", "한", "글", "日", " ", " ", "👍🏽", "é", "…", "👨‍👩‍👧‍👦"]

    private func random(_ size: ScreenSize, like old: Canvas?, _ generator: inout SeededGenerator) -> Canvas {
        var canvas = old ?? Canvas(size)
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let text = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                Self.alphabet.randomElement(using: &generator)!
            }.joined()
            let style = generator.chance(40) ? Style(79, bold: generator.chance(50)) : Style()
            let row = Int.random(in: 0..<size.rows, using: &generator)
            let column = Int.random(in: 0..<size.columns, using: &generator)
            if generator.chance(25) {
                canvas.fill(row: row, columns: column..<size.columns)
            } else {
                canvas.put(text, row: row, column: column, style: style)
            }
        }
        return canvas
    }

    private func rows(_ canvas: Canvas) -> [String] { (0..<canvas.size.rows).map { canvas.text(row: $0) } }

    @Test func aTerminalShowsWhatWasDrawn() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<400 {
            let size = ScreenSize(
                columns: Int.random(in: 1...14, using: &generator), rows: Int.random(in: 1...4, using: &generator))
            var terminal = SmallTerminal(size)
            var old: Canvas?
            for _ in 0..<12 {
                let new = random(size, like: old, &generator)
                terminal.take(ScreenUpdate.bytes(from: old, to: new))
                let shown = terminal.cells.map { row in
                    var line = row.joined()
                    while line.last == " " { line.removeLast() }
                    return line
                }
                #expect(shown == rows(new), "seed \(generator.seed)")
                old = new
            }
        }
    }

    /// Whatever a terminal thinks of pictographs, everything else stands where it should.
    @Test(arguments: [1, 2, 3, 6])
    func otherWidthsDoNotSpread(width: Int) {
        var generator = SeededGenerator.fresh()
        let size = ScreenSize(columns: 16, rows: 2)
        var terminal = SmallTerminal(size, unsureWidth: { _ in width })
        var old: Canvas?
        for _ in 0..<300 {
            let new = random(size, like: old, &generator)
            terminal.take(ScreenUpdate.bytes(from: old, to: new))
            for row in 0..<size.rows {
                for column in 0..<size.columns {
                    let cell = new[row, column]
                    guard cell.text.count == 1, CellWidth.isSure(Character(cell.text)) else { continue }
                    #expect(terminal.cells[row][column] == cell.text, "seed \(generator.seed)")
                }
            }
            old = new
        }
    }

    @Test func onlyWhatChangedIsWritten() {
        let size = ScreenSize(columns: 40, rows: 10)
        var old = Canvas(size)
        old.put("안녕하세요", row: 3, column: 5)
        var new = old
        #expect(ScreenUpdate.bytes(from: old, to: new).isEmpty)
        new.put("x", row: 3, column: 20)
        let bytes = ScreenUpdate.bytes(from: old, to: new)
        #expect(bytes.count < 60)
        #expect(String(decoding: bytes, as: UTF8.self).contains("\u{1B}[4;21H"))
        #expect(!String(decoding: bytes, as: UTF8.self).contains("안"))
    }

    @Test func theCursorMovesAlone() {
        var old = Canvas(ScreenSize(columns: 10, rows: 2))
        old.cursor = CellPosition(row: 0, column: 0)
        var new = old
        new.cursor = CellPosition(row: 1, column: 4)
        #expect(String(decoding: ScreenUpdate.bytes(from: old, to: new), as: UTF8.self) == "\u{1B}[2;5H\u{1B}[?25h")
        new.cursor = nil
        #expect(String(decoding: ScreenUpdate.bytes(from: old, to: new), as: UTF8.self) == "\u{1B}[?25l")
    }

    @Test func theCanvasTakesNothingHarmful() {
        var canvas = Canvas(ScreenSize(columns: 20, rows: 1))
        canvas.put("a\u{1B}[31m\u{202E}b\u{9B}c\nd", row: 0, column: 0)
        let bytes = ScreenUpdate.bytes(from: canvas, to: canvas)
        #expect(bytes.isEmpty)
        for scalar in canvas.text(row: 0).unicodeScalars {
            #expect(scalar.value >= 0x20 && scalar.value != 0x9B && scalar.value != 0x202E)
        }
    }

    @Test func wideCharactersAreNeverHalved() {
        var canvas = Canvas(ScreenSize(columns: 5, rows: 1))
        canvas.put("한글한", row: 0, column: 0)
        #expect(canvas.text(row: 0) == "한글")
        canvas.put("x", row: 0, column: 1)
        #expect(canvas.text(row: 0) == " x글")
        canvas.put("日", row: 0, column: 1)
        #expect(canvas.text(row: 0) == " 日")
        canvas.put("글", row: 0, column: 4)
        #expect(canvas.text(row: 0) == " 日")
        canvas.put("x", row: 3, column: 0)
        canvas.put("x", row: 0, column: 99)
        #expect(canvas.text(row: 0) == " 日")
    }
}
