import Foundation
import HangulSearch
import RandomJSON
import Testing

/// Whatever holds a query by a naive definition is found, by the index and by the match.
@Suite struct SearchPropertyTests {
    private static let alphabets: [[Character]] = [
        Array("가각간나난다닥다하한항구국굴"), Array("ㄱㄴㄷㅎㅏㅗ"), Array("abcdeABé"), Array("日本北京語かなカナ"), Array("12 ,. "),
    ]

    private func text(_ maximumLength: Int, _ generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...maximumLength, using: &generator) {
            guard let alphabet = Self.alphabets.randomElement(using: &generator) else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                if let character = alphabet.randomElement(using: &generator) { text.append(character) }
            }
        }
        return generator.chance(20) ? text.decomposedStringWithCanonicalMapping : text
    }

    private static func kind(_ character: Character) -> Int {
        guard let scalar = String(character).precomposedStringWithCanonicalMapping.unicodeScalars.first else {
            return 0
        }
        return switch scalar.value {
        case 0xAC00...0xD7A3, 0x3131...0x318E: 1
        case 0x3040...0x9FFF: 2
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0xE9: 3
        default: 0
        }
    }

    /// Runs of characters of one kind, without case and accents.
    private static func runs(_ text: String) -> [(kind: Int, characters: [Character])] {
        var runs: [(kind: Int, characters: [Character])] = []
        var last = 0
        for character in text.precomposedStringWithCanonicalMapping {
            let kind = kind(character)
            defer { last = kind }
            guard kind != 0 else { continue }
            var folded = character.lowercased().first ?? character
            if folded == "é" { folded = "e" }
            if folded == "カ" { folded = "か" }
            if folded == "ナ" { folded = "な" }
            if kind == last { runs[runs.count - 1].characters.append(folded) } else { runs.append((kind, [folded])) }
        }
        return runs
    }

    private static let initials: [Character] = Array("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")

    private static func isPart(_ wanted: Character, of character: Character, mayGoOn: Bool) -> Bool {
        if wanted == character { return true }
        guard let code = character.unicodeScalars.first?.value, 0xAC00...0xD7A3 ~= code else { return false }
        if let index = initials.firstIndex(of: wanted) { return Int(code - 0xAC00) / 588 == index }
        guard mayGoOn, let open = wanted.unicodeScalars.first?.value, 0xAC00...0xD7A3 ~= open else { return false }
        return (open - 0xAC00) % 28 == 0 && (code - 0xAC00) / 28 == (open - 0xAC00) / 28
    }

    /// The definition in ``SearchQuery``'s words, by trying every place.
    private static func holds(_ text: String, _ query: String) -> Bool {
        let (texts, wanted) = (runs(text), runs(query))
        let isOpen = query.last.map { kind($0) != 0 } ?? false
        return wanted.enumerated().allSatisfy { number, piece in
            let isLast = number == wanted.count - 1 && isOpen
            return texts.contains { run in
                guard run.kind == piece.kind, run.characters.count >= piece.characters.count else { return false }
                if run.kind == 3 {
                    return run.characters.starts(with: piece.characters)
                        && (isLast || run.characters.count == piece.characters.count)
                }
                return (0...(run.characters.count - piece.characters.count)).contains { start in
                    piece.characters.indices.allSatisfy { index in
                        isPart(
                            piece.characters[index], of: run.characters[start + index],
                            mayGoOn: isLast && index == piece.characters.count - 1)
                    }
                }
            }
        }
    }

    @Test func matchesAreThoseOfTheDefinition() {
        var generator = SeededGenerator.fresh()
        var foundCount = 0
        for _ in 0..<20_000 {
            let haystack = text(6, &generator)
            let needle = text(2, &generator)
            guard let query = SearchQuery(needle) else { continue }
            let expected = Self.holds(haystack, needle)
            if expected { foundCount += 1 }
            #expect((query.match(haystack) != nil) == expected, "\(needle) in \(haystack), seed \(generator.seed)")
        }
        #expect(foundCount > 200)
    }

    /// No text that matches is missed by the index.
    @Test func theIndexMissesNothing() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<10_000 {
            let haystack = text(6, &generator)
            guard let query = SearchQuery(text(2, &generator)), query.match(haystack) != nil else { continue }
            let terms = SearchTerm.terms(of: FoldedText(haystack))
            for pattern in query.patterns {
                #expect(
                    terms.contains { pattern.range.contains($0) && pattern.matches($0) },
                    "\(haystack), seed \(generator.seed)")
            }
        }
    }

    /// A part of a text that begins and ends where words do finds the text.
    @Test func everyPartIsFound() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<5_000 {
            let words = (0..<5).map { _ in text(3, &generator) }
            let part = words[1...Int.random(in: 1...4, using: &generator)].joined(separator: " ")
            guard let query = SearchQuery(part) else { continue }
            #expect(
                query.match(words.joined(separator: " ")) != nil, "\(part) in \(words), seed \(generator.seed)")
        }
    }

    /// Every scalar may come from a stranger.
    @Test func everyScalarIsTaken() {
        for value in Array(0...0xFFFF) + Array(stride(from: UInt32(0x10000), through: 0x10FFFF, by: 31)) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a" + String(Character(scalar)) + "가"
            guard let query = SearchQuery(text), query.match(text) != nil else {
                Issue.record("U+\(String(value, radix: 16)) is lost")
                continue
            }
            let terms = SearchTerm.terms(of: FoldedText(text))
            let isIndexed = query.patterns.allSatisfy { pattern in terms.contains { pattern.matches($0) } }
            if !isIndexed { Issue.record("U+\(String(value, radix: 16)) is not indexed") }
        }
    }
}
