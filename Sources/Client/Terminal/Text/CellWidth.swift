/// How many cells of a terminal characters take.
package enum CellWidth {
    /// The cells that a character takes, a whole one as people see it: 0 for what cannot be seen, 2 for Hangul,
    /// ideographs and pictographs, more only for clusters of scripts whose parts stand beside each other.
    package static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        if first.isASCII { return ascii(first, scalars) }
        if isPictograph(scalars) { return 2 }
        return scalars.reduce(0) { $0 + of($1) }
    }

    package static func of(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + of($1) }
    }

    /// Whether all terminals agree on the width.
    ///
    /// They differ about pictographs that are made of several, about marks and about what is "ambiguous" (①, ―, …):
    /// after those nobody knows where the cursor stands.
    package static func isSure(_ character: Character) -> Bool {
        let scalars = character.unicodeScalars
        guard let first = scalars.first, scalars.index(after: scalars.startIndex) == scalars.endIndex else {
            return false
        }
        switch first.value {
        case 0x20...0x7E, 0xAC00...0xD7A3, 0x4E00...0x9FFF, 0x3041...0x3096, 0x30A1...0x30FA, 0x3131...0x318E,
            0x3001...0x3002, 0xFF01...0xFF5E, 0x2500...0x257F:
            return true
        default: return false
        }
    }

    /// Digits become keycaps, and nothing else in ASCII is more than a cell.
    private static func ascii(_ first: Unicode.Scalar, _ scalars: Character.UnicodeScalarView) -> Int {
        if first.value < 0x20 || first.value == 0x7F { return 0 }
        return scalars.contains { $0.value == 0x20E3 } ? 2 : 1
    }

    private static func isPictograph(_ scalars: Character.UnicodeScalarView) -> Bool {
        guard let first = scalars.first else { return false }
        if first.properties.isEmojiPresentation { return true }
        return first.properties.isEmoji && scalars.contains { $0.value == 0xFE0F || $0.value == 0x200D }
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
        case 0x20...0x7E: return 1
        case 0...0x9F: return 0
        default: break
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        if properties.isDefaultIgnorableCodePoint { return 0 }
        return isWide(scalar.value) || properties.isEmojiPresentation ? 2 : 1
    }

    private static func isWide(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        var (low, high) = (0, WideRanges.all.count)
        while low < high {
            let middle = (low + high) / 2
            if WideRanges.all[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < WideRanges.all.count && WideRanges.all[low].contains(value)
    }
}
