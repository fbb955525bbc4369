import RandomJSON
import Terminal
import Testing

@Suite struct ComposerTests {
    @Test func wholeCharactersGo() {
        var composer = Composer()
        composer.insert("한👨‍👩‍👧‍👦e\u{301}")
        composer.deleteBackward()
        #expect(composer.text == "한👨‍👩‍👧‍👦")
        composer.deleteBackward()
        #expect(composer.text == "한")
        composer.move(.left)
        composer.deleteForward()
        #expect(composer.isEmpty)
        composer.deleteBackward()
        composer.deleteForward()
        #expect(composer.isEmpty)
    }

    @Test func partsThatComeByThemselvesAreJoined() {
        var composer = Composer()
        for part in ["👩", "\u{200D}", "💻", "e", "\u{301}", "👍", "\u{1F3FD}"] { composer.insert(part) }
        #expect(composer.text == "👩‍💻é👍🏽")
        #expect(composer.cursor == 3)
    }

    @Test func moving() {
        var composer = Composer("하나 둘 셋\n넷")
        composer.move(.start)
        composer.move(.wordRight)
        #expect(composer.head == "하나")
        composer.move(.lineEnd)
        #expect(composer.head == "하나 둘 셋")
        composer.move(.right)
        composer.move(.right)
        composer.move(.right)
        #expect(composer.tail.isEmpty)
        composer.move(.lineStart)
        #expect(composer.tail == "넷")
        composer.move(.left)
        composer.move(.wordLeft)
        #expect(composer.tail == "셋\n넷")
    }

    @Test func movingByLines() {
        var composer = Composer("안녕하세요 반갑습니다")
        #expect(composer.lines(width: 12) == ["안녕하세요 ", "반갑습니다"])
        #expect(composer.place(width: 12) == CellPosition(row: 1, column: 10))
        #expect(composer.moveLine(by: -1, width: 12) == true)
        #expect(composer.head == "안녕하세요")
        #expect(composer.moveLine(by: -1, width: 12) == false)
        #expect(composer.moveLine(by: 1, width: 12) == true)
        #expect(composer.tail.isEmpty)
    }

    @Test func deletingWordsAndLines() {
        var composer = Composer("one two\nthree")
        composer.deleteWordBackward()
        #expect(composer.text == "one two\n")
        composer.yank()
        #expect(composer.text == "one two\nthree")
        composer.deleteToLineStart()
        #expect(composer.text == "one two\n")
        composer.deleteToLineStart()
        #expect(composer.text == "one two")
        composer.move(.start)
        composer.deleteToLineEnd()
        #expect(composer.isEmpty)
        composer.yank()
        #expect(composer.text == "one two")
    }

    @Test func undoing() {
        var composer = Composer()
        for letter in ["안", "녕", " ", "친", "구"] { composer.insert(letter) }
        composer.undo()
        #expect(composer.text == "안녕 ")
        composer.undo()
        #expect(composer.text == "안녕")
        composer.undo()
        #expect(composer.isEmpty)
        composer.undo()
        composer.redo()
        #expect(composer.text == "안녕")
        composer.insert("!")
        composer.redo()
        #expect(composer.text == "안녕!")
    }

    @Test func historyKeepsTheDraft() {
        var composer = Composer()
        for text in ["하나", "둘", "둘"] {
            composer.insert(text)
            #expect(composer.take() == text)
        }
        composer.insert("draft")
        composer.recallOlder()
        #expect(composer.text == "둘")
        composer.recallOlder()
        #expect(composer.text == "하나")
        composer.recallOlder()
        composer.recallNewer()
        composer.recallNewer()
        #expect(composer.text == "draft")
    }

    @Test func nothingHarmfulAndNotTooMuch() {
        var composer = Composer()
        composer.insert("a\u{1B}[2J\u{202E}b", isPasted: true)
        #expect(composer.text == "a[2Jb")
        #expect(composer.insert(String(repeating: "가", count: Composer.maximumBytes)) == false)
        #expect(composer.text == "a[2Jb")
    }

    @Test func anythingKeepsTheCursorInTheText() {
        var generator = SeededGenerator.fresh()
        let steps: [Composer.Step] = [.left, .right, .wordLeft, .wordRight, .lineStart, .lineEnd, .start, .end]
        for _ in 0..<300 {
            var composer = Composer()
            for _ in 0..<60 {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0: composer.deleteBackward()
                case 1: composer.deleteForward()
                case 2: composer.undo()
                case 3: composer.redo()
                case 4: composer.deleteWordBackward()
                case 5: _ = composer.moveLine(by: generator.chance(50) ? 1 : -1, width: 7)
                case 6: composer.move(steps.randomElement(using: &generator)!)
                case 7: composer.yank()
                default:
                    composer.insert(
                        ["한", "👍", "\u{1F3FD}", "\u{200D}", " ", "\n", "e", "\u{301}"].randomElement(using: &generator)!
                    )
                }
                let place = composer.place(width: 7)
                #expect(place.row < composer.lines(width: 7).count && place.column < 7, "seed \(generator.seed)")
                #expect(composer.head + composer.tail == composer.text)
            }
        }
    }
}
