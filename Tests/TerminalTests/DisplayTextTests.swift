import RandomJSON
import Terminal
import Testing

/// What strangers write reaches the terminal without its teeth.
@Suite struct DisplayTextTests {
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A: false
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0xE000...0xF8FF:
            true
        default: false
        }
    }

    @Test(arguments: [
        ("\u{1B}[2Jhello", "[2Jhello"), ("\u{1B}]0;title\u{7}x", "]0;titlex"), ("\u{9B}31mred", "31mred"),
        ("a\u{202E}cba", "acba"), ("\u{2067}x\u{2069}", "x"), ("a\u{200B}b\u{FEFF}", "ab"), ("a\tb", "a    b"),
        ("a\r\nb\rc\u{2028}d\u{85}e", "a\nb\nc\nd\ne"), ("\u{E000}", "\u{FFFD}"), ("\u{3164}", ""),
        ("x\u{AD}y", "xy"), ("\u{0}", ""), ("a\u{7F}b", "ab"),
    ])
    func paragraphs(text: String, shown: String) {
        #expect(Array(DisplayText.paragraphs(text).unicodeScalars) == Array(shown.unicodeScalars))
    }

    @Test(arguments: [
        "안녕하세요", "👨‍👩‍👧‍👦", "👍🏽", "🇰🇷", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "1️⃣", "🏳️‍🌈", "สวัสดี", "Việt Nam", "Vie\u{302}\u{323}t", "क्‍ष", "می‌خواهم",
        "العربية", "שָׁלוֹם", "日本語、", "(ಠ_ಠ)",
    ])
    func whatPeopleWriteStays(text: String) {
        #expect(Array(DisplayText.paragraphs(text).unicodeScalars) == Array(text.unicodeScalars))
        #expect(DisplayText.line(text) == text)
    }

    @Test func joinersOnlyJoin() {
        #expect(DisplayText.paragraphs("a\u{200D}b") == "ab")
        #expect(DisplayText.paragraphs("a\u{200C}b") == "ab")
        #expect(DisplayText.paragraphs("\u{200D}") == "")
        // Tags are letters that nobody sees, save in flags.
        #expect(DisplayText.paragraphs("a\u{E0061}\u{E0062}") == "a")
    }

    @Test func marksDoNotPileUp() {
        let zalgo = "a" + String(repeating: "\u{301}", count: 1_000)
        #expect(DisplayText.paragraphs(zalgo).unicodeScalars.count <= 7)
        let chain = (0..<100).map { _ in "👨" }.joined(separator: "\u{200D}")
        #expect(DisplayText.paragraphs(chain).allSatisfy { $0.unicodeScalars.count <= 10 })
        #expect(DisplayText.paragraphs("\u{301}x") == "\u{25CC}\u{301}x")
    }

    @Test func hangulLettersBecomeSyllables() {
        // As file names of other systems have it.
        let decomposed = "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"
        #expect(Array(DisplayText.line(decomposed).unicodeScalars) == Array("한국".unicodeScalars))
    }

    @Test func linesAreBounded() {
        #expect(DisplayText.line("  a\nb  ") == "a b")
        #expect(DisplayText.line(String(repeating: "가", count: 300), maximumLength: 10).count == 10)
        #expect(DisplayText.line(String(repeating: "\u{200B}", count: 100_000) + "x") == "")
        #expect(DisplayText.line("") == "")
    }

    @Test func nothingForbiddenEverComesOut() {
        var generator = SeededGenerator.fresh()
        let nasty: [Unicode.Scalar] = [
            "\u{1B}", "\u{9B}", "\u{7}", "\r", "\n", "\t", "\u{202E}", "\u{2066}", "\u{200D}", "\u{200C}", "\u{FE0F}",
            "\u{301}", "\u{1F468}", "\u{1F3FD}", "\u{1F3F4}", "\u{E0067}", "\u{E007F}", "\u{1112}", "\u{1161}",
            "\u{11AB}", "a", "한", " ", "\u{3164}", "\u{FFFE}", "\u{10FFFF}", "\u{85}", "\u{0E33}", "\u{AD}",
        ]
        for _ in 0..<5_000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...30, using: &generator) {
                let any = Unicode.Scalar(UInt32.random(in: 0...0xFFFF, using: &generator)) ?? "a"
                scalars.append(generator.chance(70) ? nasty.randomElement(using: &generator)! : any)
            }
            let text = String(scalars)
            let shown = DisplayText.paragraphs(text)
            #expect(!shown.unicodeScalars.contains { Self.isForbidden($0) }, "seed \(generator.seed)")
            #expect(
                Array(DisplayText.paragraphs(shown).unicodeScalars) == Array(shown.unicodeScalars),
                "cleaning twice is cleaning once, seed \(generator.seed)")
            #expect(!DisplayText.line(text).contains("\n"), "seed \(generator.seed)")
        }
    }

    @Test(arguments: [
        ("예약.pdf", "예약.pdf"), ("../../etc/passwd", "_.._etc_passwd"), ("/abs", "_abs"), (".bashrc", "bashrc"),
        ("-rf", "rf"), ("", "file"), ("...", "file"), ("a\u{202E}fdp.exe", "afdp.exe"), ("a\u{0}b\nc", "ab c"),
        ("C:\\x", "C__x"), ("~/x", "_x"),
    ])
    func fileNamesLeadNowhere(name: String, safe: String) {
        #expect(DisplayText.fileName(name) == safe)
        #expect(DisplayText.fileName(String(repeating: "가", count: 500)).utf8.count <= 200)
    }
}
