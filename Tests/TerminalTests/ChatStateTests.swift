import Terminal
import Testing

/// What keys do.
@Suite struct ChatStateTests {
    @Test func writingAndSending() {
        var state = ChatFixture.openState()
        #expect(state.type("안녕") == [.typing(room: "!jeju", isTyping: true)])
        #expect(state.type("하세요").isEmpty)
        _ = state.press(.letter("j"), .control)
        _ = state.type("둘째 줄")
        #expect(
            state.press(.enter) == [
                .send(room: "!jeju", text: "안녕하세요\n둘째 줄", replyTo: nil, isEmote: false),
                .typing(room: "!jeju", isTyping: false),
            ])
        #expect(state.composer.isEmpty)
        #expect(state.press(.enter).isEmpty)
        _ = state.type("   ")
        #expect(state.press(.enter).isEmpty)
    }

    @Test func pastedLinesAreNotSent() {
        var state = ChatFixture.openState()
        #expect(state.handle(.paste("하나\n둘\n")) == [.typing(room: "!jeju", isTyping: true)])
        #expect(state.composer.text == "하나\n둘\n")
    }

    @Test func groupsAreNotToldOfTyping() {
        var state = ChatFixture.openState()
        state.room?.memberCount = 5
        #expect(state.type("안녕").isEmpty)
    }

    @Test func slashes() {
        var state = ChatFixture.openState()
        _ = state.type("//usr/bin")
        #expect(state.press(.enter).first == .send(room: "!jeju", text: "/usr/bin", replyTo: nil, isEmote: false))
        _ = state.type("/me 손을 흔든다")
        #expect(state.press(.enter).contains(.send(room: "!jeju", text: "손을 흔든다", replyTo: nil, isEmote: true)))
        _ = state.type("/nonsense")
        #expect(state.press(.enter) == [.bell])
        #expect(state.notice?.text == "/nonsense 명령은 없어요. /help 로 볼 수 있어요.")
        _ = state.type("/join")
        #expect(state.press(.enter) == [.bell])
        #expect(state.notice?.text.contains("/join") == true)
        _ = state.type("/ 6")
        #expect(state.press(.enter).first == .send(room: "!jeju", text: "/ 6", replyTo: nil, isEmote: false))
    }

    @Test func replying() {
        var state = ChatFixture.openState()
        _ = state.type("/reply")
        _ = state.press(.enter)
        #expect(state.intent == .reply(to: "$3"))
        _ = state.type("네!")
        #expect(state.press(.enter).first == .send(room: "!jeju", text: "네!", replyTo: "$3", isEmote: false))
        #expect(state.intent == .new)
    }

    @Test func choosingAMessage() {
        var state = ChatFixture.openState()
        _ = state.press(.tab, .shift)
        #expect(state.focus == .messages)
        #expect(state.selectedMessageID == "$3")
        _ = state.press(.up)
        #expect(state.selectedMessageID == "$2")
        // ㄱ is where r is.
        _ = state.type("ㄱ")
        #expect(state.intent == .reply(to: "$2"))
        _ = state.press(.escape)
        #expect(state.intent == .new)
        #expect(state.focus == .composer)
    }

    @Test func onlyOnesOwnIsEditedOrUnsent() {
        var state = ChatFixture.openState()
        _ = state.press(.up)
        #expect(state.intent == .edit(message: "$3"))
        #expect(state.composer.text == "좋아요!")
        _ = state.type("!")
        #expect(state.press(.enter).first == .edit(room: "!jeju", message: "$3", text: "좋아요!!"))
        _ = state.press(.tab, .shift)
        _ = state.press(.up)
        #expect(state.type("c") == [.bell])
        #expect(state.type("u") == [.bell])
        #expect(state.notice?.text == "내 메시지만 할 수 있어요.")
        _ = state.press(.down)
        #expect(state.type("u").isEmpty)
        // The answer that destroys is not the one that is chosen at first.
        #expect(state.press(.enter).isEmpty)
        _ = state.type("u")
        _ = state.press(.down)
        #expect(state.press(.enter) == [.unsend(room: "!jeju", message: "$3")])
    }

    @Test func reacting() {
        var state = ChatFixture.openState()
        _ = state.press(.tab, .shift)
        _ = state.type("e")
        _ = state.press(.down)
        #expect(state.press(.enter) == [.react(room: "!jeju", message: "$3", key: "❤️")])
        _ = state.type("e")
        _ = state.type("🍊")
        #expect(state.press(.enter) == [.react(room: "!jeju", message: "$3", key: "🍊")])
        state.focus = .composer
        _ = state.type("/react 😍")
        #expect(state.press(.enter).first == .react(room: "!jeju", message: "$3", key: "😍"))
    }

    @Test func findingChatsByInitialConsonants() {
        var state = ChatFixture.state()
        _ = state.press(.letter("k"), .control)
        _ = state.type("ㄲㅊ")
        #expect(state.panel?.items.map(\.id) == ["!chan"])
        #expect(state.press(.enter) == [.open(room: "!chan")])
        #expect(state.panel == nil)
        _ = state.press(.letter("k"), .control)
        _ = state.type("없는방")
        #expect(state.panel?.items.isEmpty == true)
        _ = state.press(.backspace)
        _ = state.press(.escape)
        #expect(state.panel == nil)
    }

    @Test func goingFromChatToChat() {
        var state = ChatFixture.openState()
        #expect(state.press(.down, .alt) == [.open(room: "!chan")])
        #expect(state.press(.up, .alt) == [.bell])
        state.show(ChatState.OpenRoom(id: "!wang", name: "王雨涵", security: .open))
        #expect(state.press(.up, [.alt, .shift]) == [.open(room: "!chan")])
    }

    @Test func draftsStayWithTheirChats() {
        var state = ChatFixture.openState()
        _ = state.type("쓰다 만 글")
        state.show(ChatState.OpenRoom(id: "!chan", name: "까치", security: .open))
        #expect(state.composer.isEmpty)
        state.show(ChatState.OpenRoom(id: "!jeju", name: "제주 여행", security: .open))
        #expect(state.composer.text == "쓰다 만 글")
    }

    @Test func whatIsSeenIsRead() {
        var state = ChatFixture.openState()
        #expect(state.followUps() == [.markRead(room: "!jeju", message: "$3")])
        #expect(state.followUps().isEmpty)
        state.setMessages((state.room?.messages ?? []) + [ChatFixture.message(4, "새 글")], hasOlder: false)
        #expect(state.followUps() == [.markRead(room: "!jeju", message: "$4")])
    }

    @Test func whoReadsOldOnesHasNotReadTheNew() {
        let messages = (0..<80).map { ChatFixture.message($0, "줄 \($0)", minutesAgo: Int64(100 - $0)) }
        var state = ChatFixture.openState(messages: messages)
        _ = state.followUps()
        _ = state.press(.pageUp)
        #expect(!state.viewport.followsNewest)
        let seen = ChatFixture.screen(state)
        state.setMessages(messages + [ChatFixture.message(99, "새 글")], hasOlder: false)
        #expect(state.followUps().isEmpty)
        // Nothing moves; the line above the text says that there is more.
        #expect(zip(seen, ChatFixture.screen(state)).filter { $0 != $1 }.count == 1)
        #expect(ChatFixture.screen(state).contains { $0.contains("새 메시지") })
        _ = state.press(.end, .control)
        #expect(state.followUps() == [.markRead(room: "!jeju", message: "$99")])
    }

    @Test func theTopAsksForOlderOnes() {
        let messages = (0..<80).map { ChatFixture.message($0, "줄 \($0)", minutesAgo: Int64(100 - $0)) }
        var state = ChatFixture.openState(messages: messages)
        state.room?.hasOlder = true
        _ = state.followUps()
        for _ in 0..<20 { _ = state.press(.pageUp) }
        #expect(state.followUps() == [.loadOlder(room: "!jeju")])
        #expect(state.followUps().isEmpty)
    }

    @Test func invitationsTakeNoMessages() {
        var state = ChatFixture.openState(messages: [])
        state.room?.isInvitation = true
        _ = state.type("안녕")
        #expect(state.press(.enter) == [.bell])
        #expect(state.composer.text == "안녕")
        _ = state.press(.letter("c"), .control)
        _ = state.type("/accept")
        #expect(state.press(.enter) == [.command(.accept, room: "!jeju")])
    }

    @Test func ending() {
        var state = ChatFixture.openState()
        _ = state.type("글")
        #expect(state.press(.letter("c"), .control) == [.typing(room: "!jeju", isTyping: false)])
        #expect(state.press(.letter("c"), .control) == [.quit])
        #expect(state.press(.letter("z"), .control) == [.suspend])
        #expect(state.press(.letter("l"), .control) == [.redraw])
    }

    @Test func whatWasNotSent() {
        var failed = ChatFixture.message(7, "글", from: "@minji:naru.example", isMine: true)
        failed.delivery = .failed(reason: "no")
        var state = ChatFixture.openState(messages: [failed])
        _ = state.type("/retry")
        #expect(state.press(.enter).first == .retry(room: "!jeju", message: "$7"))
        _ = state.type("/cancel")
        #expect(state.press(.enter).first == .cancel(room: "!jeju", message: "$7"))
    }

    @Test func files() {
        var file = ChatFixture.message(7, "")
        file.kind = .file(name: "예약.pdf", bytes: 2_100_000)
        var state = ChatFixture.openState(messages: [file, ChatFixture.message(8, "보세요")])
        _ = state.type("/save ~/x.pdf")
        #expect(state.press(.enter).first == .save(room: "!jeju", message: "$7", path: "~/x.pdf"))
        state.setMessages([ChatFixture.message(8, "보세요")], hasOlder: false)
        _ = state.type("/save")
        #expect(state.press(.enter).first == .bell)
        _ = state.type("/file /tmp/a b.png")
        #expect(state.press(.enter).first == .sendFile(room: "!jeju", path: "/tmp/a b.png"))
    }

    @Test func verificationAsksBack() {
        var state = ChatFixture.openState()
        state.panel = Panel(
            .verification(id: "v1"), title: "?",
            items: [Panel.Item("match", [Span("일치해요")]), Panel.Item("mismatch", [Span("달라요")])])
        #expect(state.press(.enter) == [.choose(.verification(id: "v1"), item: "match")])
        #expect(state.press(.escape) == [.dismiss(.verification(id: "v1"))])
    }
}

@Suite struct SlashCommandTests {
    @Test func everyCommandOfTheHelpIsThere() {
        for command in SlashCommand.names {
            let text = "/\(command.name)" + (command.argument.isEmpty || command.argument.hasPrefix("[") ? "" : " x")
            #expect(throws: Never.self, "\(text)") { try SlashCommand(text) }
        }
    }

    @Test func arguments() throws {
        #expect(
            try SlashCommand("/create 제주 여행 @a:x @b:y")
                == .create(name: "제주 여행", invited: ["@a:x", "@b:y"], isEncrypted: true))
        #expect(try SlashCommand("/create-open 공지") == .create(name: "공지", invited: [], isEncrypted: false))
        #expect(try SlashCommand("/recovery") == .recovery(key: nil))
        #expect(try SlashCommand("/recovery EsTc aaaa") == .recovery(key: "EsTc aaaa"))
        #expect(try SlashCommand("/JOIN   #a:b") == .join("#a:b"))
        #expect(throws: SlashCommand.Fault.unknown("x")) { try SlashCommand("/x") }
        #expect(throws: SlashCommand.Fault.needsArgument("dm")) { try SlashCommand("/dm ") }
        #expect(!SlashCommand.isCommand("/ "))
        #expect(!SlashCommand.isCommand("//a"))
        #expect(!SlashCommand.isCommand("a"))
    }
}
