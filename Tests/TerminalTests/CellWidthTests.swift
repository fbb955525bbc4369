import Terminal
import Testing

/// How many cells characters take.
@Suite struct CellWidthTests {
    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("한", 2), ("ㅋ", 2), ("日", 2), ("カ", 2), ("ｶ", 1), ("Ａ", 2), ("、", 2),
        ("👍", 2), ("👍🏽", 2), ("👨‍👩‍👧‍👦", 2), ("🇰🇷", 2), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2), ("❤️", 2), ("❤", 1), ("1️⃣", 2), ("🏳️‍🌈", 2),
        ("ก", 1), ("กำ", 2), ("ก้", 1), ("ש", 1), ("שׁ", 1), ("ạ", 1), ("…", 1), ("\u{AD}", 0), ("\u{200B}", 0),
        ("\u{1112}\u{1161}\u{11AB}", 2), ("\u{7}", 0), ("\u{1B}", 0), (" ", 1), ("😀", 2), ("🫠", 2), ("┌", 1),
        ("क्षि", 3), ("①", 1), ("☎", 1), ("☎️", 2),
    ])
    func width(text: String, cells: Int) {
        #expect(text.count == 1, "\(text) is one character")
        #expect(CellWidth.of(text) == cells, "\(text)")
    }

    @Test func texts() {
        #expect(CellWidth.of("안녕하세요, naru 👋🏼") == 10 + 2 + 4 + 1 + 2)
        #expect(CellWidth.of("") == 0)
    }

    @Test func whereTerminalsDiffer() {
        for text in ["a", "한", "日", "カ", "─", "~"] { #expect(CellWidth.isSure(Character(text)), "\(text)") }
        for text in ["👍", "👍🏽", "é", "e\u{301}", "…", "①", "ก้"] {
            #expect(!CellWidth.isSure(Character(text)), "\(text)")
        }
    }
}
