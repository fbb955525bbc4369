/// A text that is being written, with a cursor between its characters.
///
/// Characters are whole ones: a step or a deletion takes a syllable or a pictograph, however many scalars it has.
package struct Composer: Sendable, Equatable {
    /// In bytes of UTF-8: encrypted and in base64, it still fits into an event.
    package static let maximumBytes = 30_000
    private static let maximumUndo = 200
    private static let maximumHistory = 200

    private struct Snapshot: Sendable, Equatable {
        var head: String
        var tail: String
    }

    /// What stands before the cursor, and after it.
    package private(set) var head = ""
    package private(set) var tail = ""
    private var undone: [Snapshot] = []
    private var done: [Snapshot] = []
    /// Whether the next letter belongs to the word that the last undo step began.
    private var isTyping = false
    private var killed = ""
    /// What has been sent, the newest last.
    fileprivate var history: [String] = []
    private var historyIndex: Int?
    private var draftBeforeHistory = ""

    package init(_ text: String = "") { head = text }

    package var text: String { head + tail }
    package var isEmpty: Bool { head.isEmpty && tail.isEmpty }
    /// How many characters stand before the cursor.
    package var cursor: Int { head.count }

    // MARK: Writing

    /// Writes at the cursor. False, and nothing has changed, when the text would be too long.
    @discardableResult
    package mutating func insert(_ text: String, isPasted: Bool = false) -> Bool {
        // Together with what stands before: a joiner or a mark that comes by itself belongs to that.
        let written = DisplayText.paragraphs(head + text)
        guard !written.utf8.elementsEqual(head.utf8) else { return true }
        guard written.utf8.count + tail.utf8.count <= Self.maximumBytes else { return false }
        let beginsWord = isPasted || text.contains { $0 == " " || $0 == "\n" }
        if !isTyping || beginsWord { remember() }
        isTyping = !beginsWord
        head = written
        return true
    }

    package mutating func deleteBackward() {
        guard !head.isEmpty else { return }
        change { $0.head.removeLast() }
    }

    package mutating func deleteForward() {
        guard !tail.isEmpty else { return }
        change { $0.tail.removeFirst() }
    }

    package mutating func deleteWordBackward() {
        kill(head.count - Self.wordStart(Array(head)), before: true)
    }

    package mutating func deleteWordForward() {
        kill(Self.wordEnd(Array(tail)), before: false)
    }

    package mutating func deleteToLineStart() {
        let line = head.suffix(while: { $0 != "\n" })
        kill(line.isEmpty ? min(1, head.count) : line.count, before: true)
    }

    package mutating func deleteToLineEnd() {
        let count = tail.prefix(while: { $0 != "\n" }).count
        kill(count == 0 ? min(1, tail.count) : count, before: false)
    }

    /// Writes what the last deletion of a word or line took.
    package mutating func yank() {
        let text = killed
        insert(text, isPasted: true)
    }

    /// Puts another text in place of this one; undo brings it back.
    package mutating func replace(with text: String) {
        change { ($0.head, $0.tail) = (String(text), "") }
    }

    private mutating func kill(_ count: Int, before: Bool) {
        guard count > 0 else { return }
        killed = String(before ? head.suffix(count) : tail.prefix(count))
        change { if before { $0.head.removeLast(count) } else { $0.tail.removeFirst(count) } }
    }

    private mutating func change(_ body: (inout Snapshot) -> Void) {
        remember()
        isTyping = false
        var snapshot = Snapshot(head: head, tail: tail)
        body(&snapshot)
        (head, tail) = (snapshot.head, snapshot.tail)
    }

    // MARK: Undo

    private mutating func remember() {
        done.append(Snapshot(head: head, tail: tail))
        if done.count > Self.maximumUndo { done.removeFirst() }
        undone = []
    }

    package mutating func undo() {
        guard let before = done.popLast() else { return }
        undone.append(Snapshot(head: head, tail: tail))
        (head, tail, isTyping) = (before.head, before.tail, false)
    }

    package mutating func redo() {
        guard let after = undone.popLast() else { return }
        done.append(Snapshot(head: head, tail: tail))
        (head, tail, isTyping) = (after.head, after.tail, false)
    }

    // MARK: Moving

    package enum Step: Sendable {
        case left, right, wordLeft, wordRight, lineStart, lineEnd, start, end
    }

    package mutating func move(_ step: Step) {
        let cursor: Int
        switch step {
        case .left: cursor = max(head.count - 1, 0)
        case .right: cursor = head.count + 1
        case .wordLeft: cursor = Self.wordStart(Array(head))
        case .wordRight: cursor = head.count + Self.wordEnd(Array(tail))
        case .lineStart: cursor = head.count - head.suffix(while: { $0 != "\n" }).count
        case .lineEnd: cursor = head.count + tail.prefix(while: { $0 != "\n" }).count
        case .start: cursor = 0
        case .end: cursor = .max
        }
        move(to: cursor)
    }

    private mutating func move(to cursor: Int) {
        let all = text
        let index = all.index(all.startIndex, offsetBy: min(cursor, all.count))
        (head, tail, isTyping) = (String(all[..<index]), String(all[index...]), false)
    }

    /// A line up or down as they are shown in so many cells; false when there is none.
    package mutating func moveLine(by lines: Int, width: Int) -> Bool {
        let characters = Array(text)
        let ranges = LineBreaking.lines(of: characters, width: width)
        let place = self.place(width: width)
        let row = place.row + lines
        guard ranges.indices.contains(row) else { return false }
        var (index, cells) = (ranges[row].lowerBound, 0)
        // The place after the last character of a line that goes on is the next line's first.
        let isLast = row == ranges.count - 1 || ranges[row].upperBound < ranges[row + 1].lowerBound
        let end = isLast ? ranges[row].upperBound : max(ranges[row].upperBound - 1, ranges[row].lowerBound)
        while index < end, cells + CellWidth.of(characters[index]) <= place.column {
            cells += CellWidth.of(characters[index])
            index += 1
        }
        move(to: index)
        return true
    }

    private static func wordStart(_ characters: [Character]) -> Int {
        var index = characters.count
        while index > 0, !isWord(characters[index - 1]) { index -= 1 }
        while index > 0, isWord(characters[index - 1]) { index -= 1 }
        return index
    }

    private static func wordEnd(_ characters: [Character]) -> Int {
        var index = 0
        while index < characters.count, !isWord(characters[index]) { index += 1 }
        while index < characters.count, isWord(characters[index]) { index += 1 }
        return index
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    // MARK: Showing

    /// The lines in so many cells; there is always one.
    package func lines(width: Int) -> [String] {
        let characters = Array(text)
        return LineBreaking.lines(of: characters, width: width).map { String(characters[$0]) }
    }

    /// Where the cursor stands among ``lines(width:)``.
    package func place(width: Int) -> CellPosition {
        let characters = Array(text)
        let lines = LineBreaking.lines(of: characters, width: width)
        let cursor = head.count
        let row = lines.lastIndex { $0.lowerBound <= cursor } ?? 0
        let cells = characters[lines[row].lowerBound..<max(cursor, lines[row].lowerBound)]
            .reduce(0) { $0 + CellWidth.of($1) }
        return CellPosition(row: row, column: min(cells, max(width - 1, 0)))
    }

    // MARK: What was sent

    /// Takes the text away and keeps it among what can be called back.
    package mutating func take() -> String {
        let text = text
        if !text.isEmpty, history.last?.utf8.elementsEqual(text.utf8) != true { history.append(text) }
        if history.count > Self.maximumHistory { history.removeFirst() }
        clear()
        return text
    }

    package mutating func clear() {
        (head, tail, done, undone, isTyping, historyIndex) = ("", "", [], [], false, nil)
    }

    package mutating func recallOlder() {
        guard (historyIndex ?? history.count) > 0 else { return }
        if historyIndex == nil { draftBeforeHistory = text }
        let index = (historyIndex ?? history.count) - 1
        replace(with: history[index])
        historyIndex = index
    }

    package mutating func recallNewer() {
        guard let index = historyIndex else { return }
        if index + 1 < history.count {
            replace(with: history[index + 1])
            historyIndex = index + 1
        } else {
            replace(with: draftBeforeHistory)
            historyIndex = nil
        }
    }
}

extension String {
    /// The longest end whose characters all hold.
    fileprivate func suffix(while predicate: (Character) -> Bool) -> Substring {
        var index = endIndex
        while index > startIndex, predicate(self[self.index(before: index)]) { index = self.index(before: index) }
        return self[index...]
    }
}

extension Composer {
    /// An empty one that remembers what another has sent.
    package init(history other: Composer) {
        self.init()
        history = other.history
    }
}
