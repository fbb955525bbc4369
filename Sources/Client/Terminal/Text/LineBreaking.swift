/// Where lines of text end in so many cells.
///
/// At spaces for scripts that part words (Korean, too: a word is cut only when it is longer than a line); between any
/// two characters for Chinese, Japanese and pictographs, except where their typography forbids it.
package enum LineBreaking {
    /// The lines as ranges of characters. Line feeds belong to no line; spaces at the end of a line belong to it, and
    /// may be over the width. There is always one line.
    package static func lines(of characters: [Character], width: Int) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for (index, character) in characters.enumerated() where character == "\n" {
            append(start..<index, of: characters, width, to: &lines)
            start = index + 1
        }
        append(start..<characters.count, of: characters, width, to: &lines)
        return lines
    }

    /// The lines as texts, without the spaces at their ends.
    package static func lines(of text: String, width: Int) -> [String] {
        let characters = Array(text)
        return lines(of: characters, width: width).map { range in
            var line = characters[range]
            while line.last == " " { line.removeLast() }
            return String(line)
        }
    }

    private static func append(
        _ paragraph: Range<Int>, of characters: [Character], _ width: Int, to lines: inout [Range<Int>]
    ) {
        var (start, column, index) = (paragraph.lowerBound, 0, paragraph.lowerBound)
        var lastBreak = start
        while index < paragraph.upperBound {
            let cells = CellWidth.of(characters[index])
            if characters[index] == " " {
                (column, index) = (column + cells, index + 1)
                lastBreak = index
                continue
            }
            if index > start, mayBreak(characters[index - 1], characters[index]) { lastBreak = index }
            guard column + cells > width, index > start else {
                (column, index) = (column + cells, index + 1)
                continue
            }
            let end = lastBreak > start ? lastBreak : index
            lines.append(start..<end)
            start = end
            lastBreak = end
            column = characters[end..<index].reduce(0) { $0 + CellWidth.of($1) }
        }
        lines.append(start..<paragraph.upperBound)
    }

    private static let closing = Set<Character>("、。，．・：；？！）」』】〉》］｝…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%”’")
    private static let opening = Set<Character>("（「『【〈《［｛([{“‘$₩￥")

    private static func mayBreak(_ before: Character, _ after: Character) -> Bool {
        if closing.contains(after) || opening.contains(before) { return false }
        if before == "-", after.isLetter { return true }
        return standsAlone(before) || standsAlone(after)
    }

    /// Ideographs, kana and pictographs.
    private static func standsAlone(_ character: Character) -> Bool {
        guard let value = character.unicodeScalars.first?.value else { return false }
        switch value {
        case 0x2E80...0x30FF, 0x31F0...0x9FFF, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF01...0xFF9F, 0x1F000...0x1FAFF,
            0x20000...0x3FFFD:
            return true
        default: return false
        }
    }
}

extension String {
    /// As much of the text as fits into so many cells; an ellipsis says that there is more.
    package func shortened(toCells width: Int) -> String {
        guard CellWidth.of(self) > width else { return self }
        guard width > 0 else { return "" }
        var (result, cells) = ("", 0)
        for character in self {
            let more = CellWidth.of(character)
            if cells + more > width - 1 { break }
            result.append(character)
            cells += more
        }
        return result + "…"
    }
}
