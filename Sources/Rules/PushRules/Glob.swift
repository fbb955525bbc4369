import CanonicalJSON

/// A pattern in which `*` stands for any characters and `?` for exactly one, whatever their case.
///
/// A character is a Unicode code point; case is what `lowercased()` takes away.
///
/// https://spec.matrix.org/v1.19/appendices/#glob-style-matching
package struct Glob: Sendable {
    private enum Token: Sendable, Equatable {
        case scalar(Unicode.Scalar)
        case anyScalar
        case anyScalars
    }

    /// Patterns longer than this match nothing. Matching takes time in proportion to the pattern's length times the
    /// text's, and strangers choose the text.
    package static let maximumLength = 512

    private let pattern: String
    private let tokens: [Token]
    /// Whether the pattern is ASCII without `*` and `?`, as almost all are: then bytes can be compared.
    private let isPlainASCII: Bool

    package init(_ pattern: String) {
        self.init(pattern) { scalar in
            switch scalar {
            case "*": .anyScalars
            case "?": .anyScalar
            default: .scalar(scalar)
            }
        }
    }

    /// A pattern in which `*` and `?` stand for themselves.
    package init(literal: String) {
        self.init(literal) { .scalar($0) }
    }

    private init(_ pattern: String, token: (Unicode.Scalar) -> Token) {
        self.pattern = pattern
        var tokens: [Token] = []
        for scalar in pattern.lowercased().unicodeScalars {
            let token = token(scalar)
            // Two `*` in a row say the same as one.
            if token != .anyScalars || tokens.last != .anyScalars { tokens.append(token) }
        }
        self.tokens = tokens
        isPlainASCII =
            pattern.utf8.allSatisfy { $0 < 0x80 }
            && tokens.allSatisfy { if case .scalar = $0 { true } else { false } }
    }

    /// Whether the pattern matches the whole text.
    package func matches(_ text: String) -> Bool {
        if isPlainASCII, let isEqual = Self.equalIgnoringASCIICase(pattern, text) { return isEqual }
        return run(text, atWordBoundaries: false)
    }

    /// Whether the pattern matches a part of the text that begins and ends at word boundaries.
    package func matchesWords(in text: String) -> Bool { run(text, atWordBoundaries: true) }

    /// Follows all ways through the pattern at once, so that no text makes this take more than the two lengths'
    /// product, and few do: beyond `last` no state is set.
    private func run(_ text: String, atWordBoundaries: Bool) -> Bool {
        guard tokens.count <= Self.maximumLength else { return false }
        // `states[n]`: the first n tokens match what ends here.
        var states = [Bool](repeating: false, count: tokens.count + 1)
        var next = states
        var last = 0
        states[0] = true
        var isAtBoundary = true
        for scalar in text.lowercased().unicodeScalars {
            if atWordBoundaries {
                let isWord = Self.isWord(scalar)
                if isAtBoundary { states[0] = true }
                closeOver(&states, &last)
                // What matched may end before a character that is in no word.
                if !isWord, states[tokens.count] { return true }
                isAtBoundary = !isWord
            } else {
                closeOver(&states, &last)
            }
            step(over: scalar, &states, into: &next, &last)
            swap(&states, &next)
        }
        if atWordBoundaries, isAtBoundary { states[0] = true }
        closeOver(&states, &last)
        return states[tokens.count]
    }

    /// `*` matches nothing, too.
    private func closeOver(_ states: inout [Bool], _ last: inout Int) {
        for index in 0...last where index < tokens.count && states[index] && tokens[index] == .anyScalars {
            states[index + 1] = true
            last = max(last, index + 1)
        }
    }

    /// Sets the states after one more character, and clears those before it.
    private func step(
        over scalar: Unicode.Scalar, _ states: inout [Bool], into next: inout [Bool], _ last: inout Int
    ) {
        var newLast = 0
        for index in 0...last where states[index] {
            states[index] = false
            guard index < tokens.count else { continue }
            let reached: Int
            switch tokens[index] {
            case .anyScalars: reached = index
            case .anyScalar: reached = index + 1
            case .scalar(scalar): reached = index + 1
            case .scalar: continue
            }
            next[reached] = true
            newLast = max(newLast, reached)
        }
        last = newLast
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", "_": true
        default: false
        }
    }

    /// Nil when the text is not ASCII, so that characters beyond it may matter.
    private static func equalIgnoringASCIICase(_ pattern: String, _ text: String) -> Bool? {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        return pattern.utf8.count == text.utf8.count
            && zip(pattern.utf8, text.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
