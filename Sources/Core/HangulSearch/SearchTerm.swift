/// What an index keeps of a text: numbers of 32 bits whose order makes the beginnings of words, and syllables of which
/// only a part is known, a range.
///
/// Different texts may share a term, so an index finds candidates and ``SearchQuery/match(_:)`` decides. The high two
/// bits say which kind of term it is, the other thirty:
///
/// - a word: its first five letters, five bits each, and five bits for the rest;
/// - two neighbouring syllables: both initials, then vowel and final of the first, then of the second. So ㅎㄱ is a range
///   (한국, 학교), and so are 민ㅈ and 한구;
/// - two neighbouring letters of an unspaced script, fifteen bits each.
///
/// The last syllable or letter of a run also stands alone, with zeros for the other.
public enum SearchTerm {
    /// Increased when the terms of a text change: what was indexed with another one has to be indexed again.
    public static let formatVersion: Int64 = 1

    static func prefix(_ kind: UnitKind) -> UInt32 {
        switch kind {
        case .letter: 1 << 30
        case .hangul: 2 << 30
        case .unspaced: 3 << 30
        }
    }

    /// The terms of a text, sorted, each once.
    public static func terms(of text: FoldedText) -> [UInt32] {
        var terms: [UInt32] = []
        terms.reserveCapacity(text.units.count)
        text.forEachRun { run in
            switch text.units[run.lowerBound].kind {
            case .letter: terms.append(word(text.units[run]))
            case .hangul: appendPairs(run, of: text, to: &terms) { hangul($0, $1) }
            case .unspaced: appendPairs(run, of: text, to: &terms) { unspaced($0, $1) }
            }
        }
        terms.sort()
        var last: UInt32?
        terms.removeAll { term in
            defer { last = term }
            return term == last
        }
        return terms
    }

    private static func appendPairs(
        _ run: Range<Int>, of text: FoldedText, to terms: inout [UInt32], _ pair: (UInt32, UInt32?) -> UInt32
    ) {
        for index in run.dropLast() { terms.append(pair(text.units[index].base, text.units[index + 1].base)) }
        terms.append(pair(text.units[run.upperBound - 1].base, nil))
    }

    // MARK: Words

    static let wordLetters = 5

    /// a … z have numbers of their own; others share them.
    private static func code(_ letter: UInt32) -> UInt32 {
        switch letter {
        case 0x61...0x7A: letter - 0x60
        case 0x30...0x39: 27 + letter % 5
        default: 1 + letter % 31
        }
    }

    /// The bits of a word's first letters, and how many of them there are.
    static func beginning(_ letters: ArraySlice<FoldedText.Unit>) -> (bits: UInt32, count: Int) {
        let count = min(letters.count, wordLetters)
        var bits: UInt32 = 0
        for unit in letters.prefix(count) { bits = bits << 5 | code(unit.base) }
        return (bits << UInt32(5 * (wordLetters - count)), count)
    }

    static func word(_ letters: ArraySlice<FoldedText.Unit>) -> UInt32 {
        var rest: UInt32 = 0
        if letters.count > wordLetters {
            for unit in letters.dropFirst(wordLetters) { rest = rest &* 33 &+ unit.base }
            rest = 1 + rest % 31
        }
        return prefix(.letter) | beginning(letters).bits << 5 | rest
    }

    // MARK: Pairs

    static func hangul(_ first: UInt32, _ second: UInt32?) -> UInt32 {
        let first = HangulSyllable(first)
        let start = prefix(.hangul) | first.initial << 25 | first.vowel << 15 | first.final << 10
        guard let second = second.map(HangulSyllable.init) else { return start }
        return start | second.initial << 20 | second.vowel << 5 | second.final
    }

    static func unspaced(_ first: UInt32, _ second: UInt32?) -> UInt32 {
        prefix(.unspaced) | number(first) << 15 | (second.map(number) ?? 0)
    }

    static func number(_ letter: UInt32) -> UInt32 { 1 + letter % 32_767 }
}

/// Terms of which some bits are known.
public struct TermPattern: Equatable, Sendable {
    /// The known bits; the others are zero.
    public let value: UInt32
    public let mask: UInt32

    init(_ value: UInt32, mask: UInt32) {
        self.value = value & mask
        self.mask = mask
    }

    @inline(__always)
    public func matches(_ term: UInt32) -> Bool { term & mask == value }

    /// Where the terms that match can stand in the order of terms.
    public var range: ClosedRange<UInt32> {
        let known = (~mask).leadingZeroBitCount
        let free = known >= 32 ? 0 : UInt32.max >> UInt32(known)
        let low = value & ~free
        return low...(low | free)
    }
}
