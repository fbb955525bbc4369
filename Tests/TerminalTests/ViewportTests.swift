import RandomJSON
import Terminal
import Testing

/// Scrolling.
@Suite struct ViewportTests {
    /// The numbers of the messages that are seen, top to bottom.
    private func numbers(_ state: ChatState) -> [Int] {
        ChatFixture.screen(state).compactMap { line in
            guard line.contains("번") else { return nil }
            return line.split(separator: "│").last?.split(separator: "번").first.flatMap { Int($0.filter(\.isNumber)) }
        }
    }

    private func messages(_ numbers: Range<Int>) -> [MessageRow] {
        numbers.map { number in
            // Some need several lines.
            let more = number % 7 == 0 ? "\n하나\n둘" : ""
            return MessageRow(
                id: "$\(number)", sender: "@junho:naru.example", name: "준호", text: "\(number)번\(more)",
                time: ChatFixture.now - 60_000)
        }
    }

    @Test func whatIsSeenIsWhole() {
        var generator = SeededGenerator.fresh()
        var (first, last) = (200, 300)
        var state = ChatFixture.openState(columns: 60, rows: 16, messages: messages(first..<last))
        for _ in 0..<300 {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0, 1: _ = state.press(.pageUp)
            case 2: _ = state.press(.pageDown)
            case 3:
                _ = state.press(.tab)
                _ = state.press(.up)
            case 4: _ = state.press(.end, .control)
            case 5:
                last += 1
                state.setMessages(messages(first..<last), hasOlder: false)
            case 6 where first > 0:
                first -= 20
                state.setMessages(messages(first..<last), hasOlder: false)
            default:
                let columns = Int.random(in: 40...70, using: &generator)
                state.size = ScreenSize(columns: columns, rows: Int.random(in: 8...30, using: &generator))
            }
            if state.focus == .rooms { state.focus = .composer }
            let seen = numbers(state)
            #expect(!seen.isEmpty, "seed \(generator.seed)")
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 + 1 == $1 }, "\(seen), seed \(generator.seed)")
            if state.viewport.followsNewest { #expect(seen.last == last - 1, "seed \(generator.seed)") }
            // There is always more than a screen of it: no line stays empty.
            let timeline = ChatFixture.screen(state).dropFirst().dropLast(3)
            #expect(!timeline.contains(""), "seed \(generator.seed)")
        }
    }

    @Test func theChosenMessageIsSeen() {
        var state = ChatFixture.openState(columns: 60, rows: 12, messages: messages(0..<60))
        _ = state.press(.tab, .shift)
        for number in (0..<59).reversed() {
            _ = state.press(.up)
            #expect(state.selectedMessageID == "$\(number)")
            #expect(numbers(state).contains(number))
        }
        for number in 1..<60 {
            _ = state.press(.down)
            #expect(state.selectedMessageID == "$\(number)")
            #expect(numbers(state).contains(number))
        }
        #expect(state.viewport.followsNewest)
    }

    @Test func aMessageLongerThanTheScreen() {
        let long = MessageRow(
            id: "$1", sender: "@junho:naru.example", name: "준호",
            text: (0..<100).map { "\($0)번" }.joined(separator: "\n"),
            time: ChatFixture.now)
        var state = ChatFixture.openState(columns: 60, rows: 12, messages: [long])
        #expect(numbers(state).last == 99)
        for _ in 0..<30 { _ = state.press(.pageUp) }
        #expect(numbers(state).first == 0)
        for _ in 0..<30 { _ = state.press(.pageDown) }
        #expect(numbers(state).last == 99)
        #expect(state.viewport.followsNewest)
    }
}
