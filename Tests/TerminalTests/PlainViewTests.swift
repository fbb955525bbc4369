import Terminal
import Testing

/// The chats as lines.
@Suite struct PlainViewTests {
    private var view = PlainView(phrases: Phrases(.english), clock: ChatFixture.clock)

    @Test mutating func everythingIsToldOnce() {
        var state = ChatFixture.openState(language: .english)
        let first = view.lines(of: state)
        #expect(first.contains("-- Connected"))
        #expect(first.contains("== 제주 여행 · Encrypted, all verified"))
        #expect(first.contains("15:18  준호: 바다 색깔 실화?!"))
        #expect(first.contains("15:21  Me: 좋아요!"))
        #expect(first.contains { $0.contains("王雨涵") && $0.contains("Invitation") })
        #expect(view.lines(of: state).isEmpty)
        state.setMessages((state.room?.messages ?? []) + [ChatFixture.message(4, "두\n줄")], hasOlder: false)
        #expect(view.lines(of: state) == ["15:30  준호: 두", "       줄"])
        #expect(view.lines(of: state).isEmpty)
    }

    @Test mutating func whatIsOnItsWayIsToldWhenItHasArrived() {
        var state = ChatFixture.openState(language: .english, messages: [])
        _ = view.lines(of: state)
        var row = ChatFixture.message(5, "글", isMine: true)
        row.delivery = .waiting
        state.setMessages([row], hasOlder: false)
        #expect(view.lines(of: state).isEmpty)
        row.delivery = .sent
        state.setMessages([row], hasOlder: false)
        #expect(view.lines(of: state) == ["15:30  Me: 글"])
        row.reactions = [.init("😍", count: 1, isMine: false)]
        state.setMessages([row], hasOlder: false)
        #expect(view.lines(of: state) == ["15:30  Me: 글", "       😍 1"])
    }

    @Test mutating func panelsAreLists() {
        var state = ChatFixture.state(language: .english)
        _ = view.lines(of: state)
        #expect(state.handle(line: "/rooms").isEmpty)
        let lines = view.lines(of: state)
        #expect(lines.first == "== Find a chat")
        #expect(lines.contains { $0.hasPrefix("2  까치") })
        #expect(state.handle(line: "2") == [.open(room: "!chan")])
        #expect(state.panel == nil)
        _ = state.handle(line: "/rooms")
        _ = state.handle(line: "")
        #expect(state.panel == nil)
        // Another line than a number closes the list, and is what it is.
        _ = state.handle(line: "/rooms")
        #expect(state.handle(line: "/join #a:b") == [.command(.join("#a:b"), room: nil)])
    }

    @Test mutating func linesAreSent() {
        var state = ChatFixture.openState()
        let actions = state.handle(line: "안녕하세요")
        #expect(actions.contains(.send(room: "!jeju", text: "안녕하세요", replyTo: nil, isEmote: false)))
        #expect(state.handle(line: "").isEmpty)
        _ = view.lines(of: state)
        #expect(state.handle(line: "/nonsense") == [.bell])
        #expect(view.lines(of: state).last?.contains("/nonsense") == true)
    }

    @Test mutating func nothingHarmful() {
        var row = ChatFixture.message(1, "\u{1B}[2J\u{202E}x\ry")
        row.senderName = "\u{9B}31m\n이름"
        var state = ChatFixture.openState(messages: [row])
        state.room?.name = "\u{1B}]0;x\u{7}"
        for line in view.lines(of: state) {
            #expect(
                !line.unicodeScalars.contains {
                    $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E
                })
        }
    }
}
