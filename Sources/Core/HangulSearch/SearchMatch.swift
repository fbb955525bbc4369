/// Where and how well a text matches a query.
public struct SearchMatch: Sendable, Equatable {
    /// 0 … 1000, higher is closer. Depends on the query and the text alone, so that an order by it is stable.
    public let score: Int
    /// What to highlight, in bytes of the text's UTF-8: in order, apart from each other.
    public let ranges: [Range<Int>]
}

extension SearchQuery {
    /// Places of one piece in one text beyond these are not highlighted.
    private static let maximumPlaces = 100

    private struct Place {
        let units: Range<Int>
        /// Whether nothing is missing: not the beginning of a longer word, no syllable in which something is open.
        let isComplete: Bool
        /// Whether the marks are the same too: résumé for résumé.
        let isExact: Bool
        let startsRun: Bool

        var quality: Int { (isComplete ? 4 : 0) + (isExact ? 2 : 0) + (startsRun ? 1 : 0) }
    }

    public func match(_ text: String) -> SearchMatch? { match(FoldedText(text)) }

    /// Nil when the text does not hold every piece.
    public func match(_ text: FoldedText) -> SearchMatch? {
        var ranges: [Range<Int>] = []
        var quality = 0
        var matched = 0
        for piece in pieces {
            var best = -1
            var count = 0
            var index = 0
            while index < text.units.count, count < Self.maximumPlaces {
                guard let place = Self.place(of: piece, in: text, at: index) else {
                    index += 1
                    continue
                }
                best = max(best, place.quality)
                ranges.append(
                    Int(text.units[place.units.lowerBound].start)..<Int(text.units[place.units.upperBound - 1].end))
                count += 1
                index = place.units.upperBound
            }
            guard best >= 0 else { return nil }
            quality += best
            matched += piece.units.count
        }
        let density = min(matched * 1000 / max(text.units.count, 1), 1000)
        let score =
            quality * 600 / (7 * pieces.count) + (isPhrase(in: text) ? 250 : 0) + density * 150 / 1000
        return SearchMatch(score: score, ranges: Self.merged(ranges))
    }

    /// Whether the pieces stand behind each other somewhere, as in the query.
    private func isPhrase(in text: FoldedText) -> Bool {
        guard pieces.count > 1 else { return true }
        return text.units.indices.contains { start in
            var index = start
            for piece in pieces {
                guard let place = Self.place(of: piece, in: text, at: index) else { return false }
                index = place.units.upperBound
            }
            return true
        }
    }

    private static func place(of piece: Piece, in text: FoldedText, at start: Int) -> Place? {
        let end = start + piece.units.count
        guard end <= text.units.count else { return nil }
        let first = text.units[start]
        let isWord = piece.kind == .letter
        guard first.kind == piece.kind, !isWord || first.startsRun else { return nil }
        var (isComplete, isExact) = (true, true)
        for offset in piece.units.indices {
            let (wanted, unit) = (piece.units[offset], text.units[start + offset])
            if offset > 0, unit.startsRun { return nil }
            if wanted.base != unit.base {
                let mayGoOn = piece.isLast && offset == piece.units.count - 1
                guard piece.kind == .hangul, isPart(wanted.base, of: unit.base, mayGoOn: mayGoOn) else { return nil }
                isComplete = false
            }
            if wanted.marks != unit.marks { isExact = false }
        }
        if isWord, end < text.units.count, !text.units[end].startsRun {
            guard piece.isLast else { return nil }
            isComplete = false
        }
        return Place(units: start..<end, isComplete: isComplete, isExact: isExact, startsRun: first.startsRun)
    }

    /// Whether a consonant, or a syllable that is being typed, may become the syllable.
    private static func isPart(_ wanted: UInt32, of syllable: UInt32, mayGoOn: Bool) -> Bool {
        guard HangulSyllable.firstSyllable...HangulSyllable.lastSyllable ~= syllable else { return false }
        if let initial = HangulSyllable.initialIndex(wanted) {
            return (syllable - HangulSyllable.firstSyllable) / 588 == initial
        }
        return mayGoOn && HangulSyllable.isOpen(wanted) && wanted < syllable && syllable < wanted + 28
    }

    private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
