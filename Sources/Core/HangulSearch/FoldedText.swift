/// A text as a search sees it: letters without case, width and accents, in runs of one kind.
public struct FoldedText: Sendable {
    /// One letter, syllable or pictograph.
    struct Unit {
        /// The scalar, folded.
        var base: UInt32
        /// What folding took away, as a number; two units with the same base and marks look the same but for case.
        var marks: UInt8
        let kind: UnitKind
        /// Whether it begins a word, or another kind than before.
        let startsRun: Bool
        /// Where it stands in the text, in bytes of UTF-8.
        let start: Int32
        var end: Int32
    }

    private(set) var units: [Unit] = []
    /// Whether the last character parts words: then the last word is complete.
    private(set) var endsWithSeparator = false

    public init(_ text: String) {
        var builder = Builder()
        builder.units.reserveCapacity(text.utf8.count / 2)
        for scalar in text.unicodeScalars { builder.append(scalar.value) }
        units = builder.units
        endsWithSeparator = builder.isParted
    }

    /// Whether there is nothing in it that can be searched for.
    public var isEmpty: Bool { units.isEmpty }

    /// The runs of units of one kind.
    func forEachRun(_ body: (Range<Int>) -> Void) {
        var start = 0
        while start < units.count {
            var end = start + 1
            while end < units.count, !units[end].startsRun { end += 1 }
            body(start..<end)
            start = end
        }
    }

    private struct Builder {
        var units: [Unit] = []
        /// Whether a separator stands between the last unit and here, or nothing stands before.
        var isParted = true
        private var offset: Int32 = 0
        /// A conjoining initial (0 … 18) or an open syllable of conjoining jamo has just been appended.
        private var openInitial: UInt32?
        private var isOpenSyllable = false

        mutating func append(_ scalar: UInt32) {
            let start = offset
            offset += scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
            let (initial, wasOpenSyllable) = (openInitial, isOpenSyllable)
            (openInitial, isOpenSyllable) = (nil, false)
            switch ScalarMeaning(scalar) {
            case .separator:
                isParted = true
            case .mark(let number):
                (openInitial, isOpenSyllable) = (initial, wasOpenSyllable)
                guard number > 0, !isParted, let last = units.indices.last else { return }
                units[last].marks = FoldedText.adding(number, to: units[last].marks)
                units[last].end = offset
            case .unit(let kind, let base, let marks):
                append(kind, base, marks, start)
                isOpenSyllable = HangulSyllable.isOpen(base)
            case .expansion(let range):
                for index in range { append(.letter, FoldingTable.expansions[index], 1, start) }
            case .kanaMark(let number):
                voice(number)
            case .conjoiningInitial(let index):
                append(.hangul, HangulSyllable.compatibleInitials[Int(index)], 0, start)
                openInitial = index
            case .conjoiningVowel(let index):
                if let initial {
                    change(to: HangulSyllable.firstSyllable + (initial * 21 + index) * 28)
                    isOpenSyllable = true
                } else {
                    append(.hangul, HangulSyllable.firstVowel + index, 0, start)
                }
            case .conjoiningFinal(let index):
                if wasOpenSyllable, let last = units.last {
                    change(to: last.base + index)
                } else {
                    append(.hangul, HangulSyllable.compatibleFinals[Int(index) - 1], 0, start)
                }
            }
        }

        private mutating func append(_ kind: UnitKind, _ base: UInt32, _ marks: UInt8, _ start: Int32) {
            let startsRun = isParted || units.last?.kind != kind
            units.append(
                Unit(base: base, marks: marks, kind: kind, startsRun: startsRun, start: start, end: offset))
            isParted = false
        }

        private mutating func change(to base: UInt32) {
            units[units.count - 1].base = base
            units[units.count - 1].end = offset
        }

        /// か with a voiced mark is が, は also ば and ぱ.
        private mutating func voice(_ number: UInt32) {
            guard !isParted, let base = units.last?.base else { return }
            switch base {
            case 0x304B...0x3061 where base % 2 == 1 && number == 1: change(to: base + 1)
            case 0x3064, 0x3066, 0x3068: if number == 1 { change(to: base + 1) }
            case 0x306F...0x307B where (base - 0x306F) % 3 == 0: change(to: base + number)
            case 0x3046 where number == 1: change(to: 0x3094)
            default: break
            }
        }
    }

    /// Marks are summed, so that their order does not matter; 0 stands for none only.
    static func adding(_ mark: UInt8, to marks: UInt8) -> UInt8 {
        let sum = UInt32(marks == 0 ? 0 : marks - 1) + UInt32(mark)
        return UInt8(sum % 255 + 1)
    }
}
