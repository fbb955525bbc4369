import RandomJSON
import Rules
import Testing

struct GlobTests {
    @Test(arguments: [
        ("lunc?*", ["Lunch plans", "LUNCH", "lunch"], [" lunch", "lunc"]),
        ("", [""], ["a"]),
        ("*", ["", "anything at all", "\n"], []),
        ("?", ["a", "한", "😀"], ["", "ab"]),
        ("a*b*c", ["abc", "aXbYc", "abbbcc"], ["ab", "acb", "abcd"]),
        ("**a**", ["a", "bab"], ["b"]),
        ("m.notice", ["m.notice", "M.NOTICE"], ["mxnotice", "m.notices", "m.noticé"]),
        ("ÉCOLE", ["école"], ["ecole"]),
        ("a.b[c]", ["a.b[c]"], ["aXb[c]", "a.bc"]),
        ("@alice:example.com", ["@alice:example.com"], ["@alice:example.comm", "x@alice:example.com"]),
    ])
    func wholeTexts(pattern: String, matching: [String], others: [String]) {
        for text in matching { #expect(Glob(pattern).matches(text), "\(text)") }
        for text in others { #expect(!Glob(pattern).matches(text), "\(text)") }
    }

    /// Rule 95.
    @Test(arguments: [
        ("ex*ple", ["An example event.", "exple", "An exciting triple-whammy"], ["examples", "anexample", "ex ampl"]),
        ("cake", ["cake", "CAKE!", "a cake.", "-cake-", "쿠키cake쿠키"], ["cakes", "pancake", "cake_", "cake1", ""]),
        ("tea time", ["it's tea time now"], ["tea  time", "tea timer"]),
        ("?a", ["xa", "-a", "b xa"], ["a", "xxa"]),
        ("cake*lie", ["cake is a lie", "the cake lie!"], ["cake is a lier", "lie cake"]),
        ("@room", ["hello @room", "@room"], ["hello@room", "@rooms"]),
        ("한글", ["한글", "이것은한글이다"], ["한", "하글"]),
        ("*cake", ["pancake", "cake"], ["cakes"]),
    ])
    func wordsInTexts(pattern: String, matching: [String], others: [String]) {
        for text in matching { #expect(Glob(pattern).matchesWords(in: text), "\(text)") }
        for text in others { #expect(!Glob(pattern).matchesWords(in: text), "\(text)") }
    }

    @Test func literalsHaveNoWildcards() {
        #expect(Glob(literal: "a*?").matchesWords(in: "so A*? it is"))
        #expect(!Glob(literal: "a*?").matchesWords(in: "abc"))
        #expect(Glob(literal: "a*").matches("A*"))
        #expect(!Glob(literal: "a*").matches("ab"))
    }

    @Test func hostilePatternsTakeNoLongTime() {
        let text = String(repeating: "a", count: 10_000)
        let stars = String(repeating: "a*", count: 200) + "b"
        let time = ContinuousClock().measure {
            #expect(!Glob(stars).matches(text))
            #expect(!Glob(stars).matchesWords(in: text))
        }
        // A matcher that goes back and tries again would take longer than the universe has existed.
        #expect(time < .seconds(30))
        #expect(!Glob(String(repeating: "?", count: Glob.maximumLength + 1)).matches(text))
    }

    // MARK: Against a slow matcher that follows the definition

    private func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst()))
        }
        guard let character = text.first, first == "?" || first == character else { return false }
        return matches(pattern.dropFirst(), text.dropFirst())
    }

    private func matchesWords(_ pattern: [Character], _ text: [Character]) -> Bool {
        func isWord(_ character: Character) -> Bool { character == "_" || character.isLetter }
        return (0...text.count).contains { start in
            guard start == 0 || !isWord(text[start - 1]) else { return false }
            return (start...text.count).contains { end in
                (end == text.count || !isWord(text[end])) && matches(pattern[...], text[start..<end])
            }
        }
    }

    @Test func randomPatternsMatchByTheDefinition() {
        var generator = SeededGenerator.fresh()
        func random(_ characters: String, _ length: ClosedRange<Int>) -> [Character] {
            (0..<Int.random(in: length, using: &generator)).map { _ in characters.randomElement(using: &generator)! }
        }
        for _ in 0..<3000 {
            let pattern = random("ab*? ", 0...6)
            let text = random("ab _-", 0...8)
            let comment: Comment = "SEED=\(generator.seed) pattern \(pattern) text \(text)"
            #expect(Glob(String(pattern)).matches(String(text)) == matches(pattern[...], text[...]), comment)
            #expect(Glob(String(pattern)).matchesWords(in: String(text)) == matchesWords(pattern, text), comment)
        }
    }
}
