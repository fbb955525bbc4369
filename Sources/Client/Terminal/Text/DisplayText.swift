/// What strangers wrote, as it may be shown: without anything that steers the terminal, turns the text round or hides.
package enum DisplayText {
    /// Marks on one letter: Vietnamese needs two, Thai three, vocalised Hebrew four.
    private static let maximumMarks = 6
    /// Joined pictographs in one: a family has four people, three joiners.
    private static let maximumJoiners = 4

    /// A text of several lines; every kind of line end is `\n`, tabs are spaces.
    package static func paragraphs(_ text: String) -> String {
        var cleaner = Cleaner(lineEnd: "\n", tab: "    ")
        for scalar in text.unicodeScalars { cleaner.append(scalar) }
        return cleaner.text
    }

    /// A name, a title, anything that stays on one line, without spaces around it.
    ///
    /// - Parameter maximumLength: How many characters it may have; what is over becomes an ellipsis.
    package static func line(_ text: String, maximumLength: Int = 256) -> String {
        var cleaner = Cleaner(lineEnd: " ", tab: " ")
        // Bounded before it is looked at: a name may have a megabyte.
        for scalar in text.unicodeScalars.prefix(maximumLength * 16) { cleaner.append(scalar) }
        var line = Substring(cleaner.text)
        while line.first == " " { line.removeFirst() }
        while line.last == " " { line.removeLast() }
        return line.count > maximumLength ? line.prefix(maximumLength - 1) + "…" : String(line)
    }

    /// Whether a character may reach the terminal.
    package static func isHarmless(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { !isControl($0.value) && !steersDirection($0.value) }
    }

    /// C0, DEL, C1, and the separators that some terminals take for line feeds.
    static func isControl(_ value: UInt32) -> Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
    }

    /// Marks, embeddings, overrides and isolates of Unicode's annex 9, with those that are deprecated.
    static func steersDirection(_ value: UInt32) -> Bool {
        switch value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F: true
        default: false
        }
    }

    private struct Cleaner {
        let lineEnd: Unicode.Scalar
        let tab: String
        private var scalars = String.UnicodeScalarView()
        private var marks = 0
        private var joiners = 0
        private var followsReturn = false
        /// In a flag of a region, which is written with invisible letters.
        private var isInFlag = false

        init(lineEnd: Unicode.Scalar, tab: String) {
            (self.lineEnd, self.tab) = (lineEnd, tab)
        }

        var text: String { String(scalars) }

        mutating func append(_ scalar: Unicode.Scalar) {
            let wasReturn = followsReturn
            followsReturn = scalar.value == 0x0D
            switch scalar.value {
            case 0x0A where wasReturn: return
            case 0x0A...0x0D, 0x85, 0x2028, 0x2029: return begin(lineEnd)
            case 0x09: return tab.unicodeScalars.forEach { begin($0) }
            case 0x200D: return join(scalar)
            case 0x200C:
                if joinsLetters(scalars.last) { scalars.append(scalar) }
                return
            case 0xFE00...0xFE0F:
                if marks == 0, let last = scalars.last, last.value > 0x20 { mark(scalar) }
                return
            case 0xE0020...0xE007F:
                if isInFlag { scalars.append(scalar) }
                return
            // Fillers look like nothing: a name made of them would be no name.
            case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0xFFF9...0xFFFB: return
            case 0x1F3FB...0x1F3FF: return scalars.append(scalar)
            default: break
            }
            if isControl(scalar.value) || steersDirection(scalar.value) { return }
            let properties = scalar.properties
            switch properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .spacingMark: mark(scalar)
            case .privateUse, .surrogate: begin("\u{FFFD}")
            default:
                if properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint { return }
                if !compose(scalar) { begin(scalar) }
            }
        }

        private mutating func begin(_ scalar: Unicode.Scalar) {
            if scalars.last?.value != 0x200D { joiners = 0 }
            scalars.append(scalar)
            marks = 0
            isInFlag = scalar.value == 0x1F3F4
        }

        private mutating func mark(_ scalar: Unicode.Scalar) {
            guard marks < maximumMarks else { return }
            // A mark needs a letter to stand on.
            if scalars.isEmpty || scalars.last == lineEnd { scalars.append("\u{25CC}") }
            scalars.append(scalar)
            marks += 1
        }

        /// Joiners are kept between pictographs and in the scripts that write with them.
        private mutating func join(_ joiner: Unicode.Scalar) {
            guard let last = scalars.last, joiners < maximumJoiners else { return }
            let isPictograph =
                last.properties.isEmoji && last.value > 0xFF || last.value == 0xFE0F && scalars.count > 1
            guard isPictograph || joinsLetters(last) else { return }
            scalars.append(joiner)
            joiners += 1
        }

        /// Arabic and the scripts of India and its neighbours.
        private func joinsLetters(_ scalar: Unicode.Scalar?) -> Bool {
            scalar.map { (0x0600...0x109F).contains($0.value) || (0x1780...0x18AF).contains($0.value) } ?? false
        }

        /// Hangul in its letters, as file names of some systems have it, becomes syllables: few terminals draw the
        /// letters in one place.
        private mutating func compose(_ scalar: Unicode.Scalar) -> Bool {
            guard marks == 0, let last = scalars.last?.value else { return false }
            let composed: UInt32
            switch (last, scalar.value) {
            case (0x1100...0x1112, 0x1161...0x1175):
                composed = 0xAC00 + ((last - 0x1100) * 21 + scalar.value - 0x1161) * 28
            case (0xAC00...0xD7A3, 0x11A8...0x11C2) where (last - 0xAC00) % 28 == 0:
                composed = last + scalar.value - 0x11A7
            default: return false
            }
            guard let syllable = Unicode.Scalar(composed) else { return false }
            scalars.removeLast()
            scalars.append(syllable)
            return true
        }
    }
}
