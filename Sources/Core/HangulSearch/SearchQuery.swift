/// What somebody looks for: every piece of it must be in a text.
///
/// A piece is a run of letters of one kind. Words are found by their letters, the last one also by its beginning. The
/// others are found anywhere: a consonant alone stands for any syllable that begins with it, and the last syllable of
/// the last piece, as long as it has no final consonant, also for those with one, since it is being typed.
public struct SearchQuery: Sendable {
    struct Piece: Sendable {
        let units: [FoldedText.Unit]
        /// Whether it may be going on.
        let isLast: Bool

        var kind: UnitKind { units[0].kind }
    }

    /// Pieces beyond these are not looked for.
    private static let maximumPieces = 32
    /// Letters of a piece beyond these are not looked for.
    private static let maximumUnits = 256

    let pieces: [Piece]

    /// Nil when there is nothing in the text that can be looked for.
    public init?(_ text: String) {
        let folded = FoldedText(text)
        var pieces: [Piece] = []
        folded.forEachRun { run in
            guard pieces.count < Self.maximumPieces else { return }
            let isLast = run.upperBound == folded.units.count && !folded.endsWithSeparator
            let units = Array(folded.units[run].prefix(Self.maximumUnits))
            pieces.append(Piece(units: units, isLast: isLast || units.count < run.count))
        }
        guard !pieces.isEmpty else { return nil }
        self.pieces = pieces
    }

    /// Every text that this query finds has terms that match all of these.
    public var patterns: [TermPattern] {
        var patterns: [TermPattern] = []
        for piece in pieces {
            for pattern in piece.patterns where !patterns.contains(pattern) { patterns.append(pattern) }
        }
        return patterns
    }
}

extension SearchQuery.Piece {
    private static let kindMask: UInt32 = 3 << 30

    fileprivate var patterns: [TermPattern] {
        switch kind {
        case .letter: [word]
        case .hangul: pairs { first, second in Self.hangul(first, second) }
        case .unspaced: pairs { first, second in Self.unspaced(first.base, second?.base) }
        }
    }

    private var word: TermPattern {
        guard isLast else { return TermPattern(SearchTerm.word(units[...]), mask: .max) }
        let (bits, count) = SearchTerm.beginning(units[...])
        let letters = ((UInt32(1) << UInt32(5 * count)) - 1) << UInt32(5 * (SearchTerm.wordLetters - count) + 5)
        return TermPattern(SearchTerm.prefix(.letter) | bits << 5, mask: Self.kindMask | letters)
    }

    private struct Part {
        let base: UInt32
        let mayGoOn: Bool
    }

    private func pairs(_ pattern: (Part, Part?) -> TermPattern) -> [TermPattern] {
        let parts = units.indices.map { Part(base: units[$0].base, mayGoOn: isLast && $0 == units.count - 1) }
        if parts.count == 1 { return [pattern(parts[0], nil)] }
        return (1..<parts.count).map { pattern(parts[$0 - 1], parts[$0]) }
    }

    /// Which bits of a syllable are known: initial, vowel, final.
    private static func known(_ part: Part) -> (initial: UInt32, vowel: UInt32, final: UInt32) {
        if HangulSyllable.initialIndex(part.base) != nil { return (31, 0, 0) }
        return (31, 31, part.mayGoOn && HangulSyllable.isOpen(part.base) ? 0 : 31)
    }

    private static func hangul(_ first: Part, _ second: Part?) -> TermPattern {
        let start = known(first)
        var mask = kindMask | start.initial << 25 | start.vowel << 15 | start.final << 10
        if let second {
            let end = known(second)
            mask |= end.initial << 20 | end.vowel << 5 | end.final
        }
        return TermPattern(SearchTerm.hangul(first.base, second?.base), mask: mask)
    }

    private static func unspaced(_ first: UInt32, _ second: UInt32?) -> TermPattern {
        TermPattern(SearchTerm.unspaced(first, second), mask: second == nil ? kindMask | 0x7FFF << 15 : .max)
    }
}
