import RandomJSON
import Terminal
import Testing

@Suite struct LineBreakingTests {
    @Test(arguments: [
        ("hello big world", 9, ["hello big", "world"]),
        ("hello big world", 8, ["hello", "big", "world"]),
        ("안녕하세요 반갑습니다", 12, ["안녕하세요", "반갑습니다"]),
        ("아버지가방에들어가신다", 10, ["아버지가방", "에들어가신", "다"]),
        ("日本語のテキスト", 6, ["日本語", "のテキ", "スト"]),
        ("你好。再见", 4, ["你", "好。", "再见"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("", 5, [""]),
        ("https://example.org/a/long/path", 10, ["https://ex", "ample.org/", "a/long/pat", "h"]),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 4, ["👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"]),
        ("one two ", 7, ["one two"]),
        ("well-known", 6, ["well-", "known"]),
        ("한", 1, ["한"]),
    ])
    func lines(text: String, width: Int, lines: [String]) {
        #expect(LineBreaking.lines(of: text, width: width) == lines)
    }

    @Test func everyCharacterStandsInOneLine() {
        var generator = SeededGenerator.fresh()
        let alphabet = Array("ab c한글 日本、。👍🏽🇰🇷e\u{301}-\n  ")
        for _ in 0..<3_000 {
            let characters = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator)!
            }
            let width = Int.random(in: 1...12, using: &generator)
            let lines = LineBreaking.lines(of: characters, width: width)
            let kept = lines.flatMap { characters[$0] }
            #expect(kept == characters.filter { $0 != "\n" }, "seed \(generator.seed)")
            for line in lines {
                var shown = characters[line]
                while shown.last == " " { shown.removeLast() }
                let cells = shown.reduce(0) { $0 + CellWidth.of($1) }
                #expect(cells <= width || shown.count == 1, "seed \(generator.seed)")
            }
        }
    }

    @Test func shortening() {
        #expect("안녕하세요".shortened(toCells: 10) == "안녕하세요")
        #expect("안녕하세요".shortened(toCells: 9) == "안녕하세…")
        #expect("안녕하세요".shortened(toCells: 8) == "안녕하…")
        #expect("abc".shortened(toCells: 0) == "")
        #expect("abc".shortened(toCells: 1) == "…")
    }
}
