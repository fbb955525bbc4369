import Foundation
import RandomJSON
import Terminal
import Testing

/// What is seen.
@Suite struct ChatScreenTests {
    @Test func bothPanes() {
        let rows = ChatFixture.screen(ChatFixture.openState())
        #expect(rows[0].hasPrefix(" 채팅 (9)"))
        #expect(rows[0].contains("제주 여행"))
        #expect(rows[0].contains("[##] 암호화됨, 모두 확인됨"))
        #expect(rows[1].contains(">제주 여행"))
        #expect(rows[2].contains("사진 4장") && rows[2].contains("6 │"))
        #expect(rows[4].contains("@3"))
        #expect(rows[5].contains("王雨涵"))
        #expect(rows[6].contains("초대"))
        #expect(rows.contains { $0.contains("2026년 11월 21일 토요일") })
        #expect(rows.contains { $0.contains("준호  오후 3:18") })
        #expect(rows.contains { $0.contains("내일은 한라산 갈까요? 🏔️") })
        #expect(rows.contains { $0.contains("나  오후 3:21") })
        #expect(rows[22].contains("> 메시지 입력"))
        #expect(rows[23].contains("연결됨 41 ms"))
        #expect(rows[23].contains("F1 도움말"))
    }

    @Test func english() {
        let rows = ChatFixture.screen(ChatFixture.openState(language: .english))
        #expect(rows[0].contains("Chats (9)") && rows[0].contains("Encrypted, all verified"))
        #expect(rows.contains { $0.contains("Saturday, 21 Nov 2026") })
    }

    @Test func whatABadLineLooksLike() {
        var state = ChatFixture.openState()
        state.connection = ConnectionStatus(.online, latencyMilliseconds: 4_200, queuedCount: 2)
        #expect(ChatFixture.screen(state)[23].contains("느린 연결 (4.2 s): 메시지가 늦게 갈 수 있어요 · 보낼 메시지 2개"))
        state.connection = ConnectionStatus(.offline(retryInSeconds: 8), queuedCount: 1)
        #expect(ChatFixture.screen(state)[23].contains("오프라인, 8초 뒤 다시 시도: 쓴 글은 보관해요 · 보낼 메시지 1개"))
        state.room?.security = .blocked(by: ["준호"])
        #expect(ChatFixture.screen(state)[0].contains("[X] 멈춤: 준호님의 신원이 바뀌었어요"))
        state.room?.security = .open
        #expect(ChatFixture.screen(state)[0].contains("[!] 암호화 안 됨"))
    }

    @Test func marksOfMessages() {
        var mine = ChatFixture.message(1, "고친 글", from: "@minji:naru.example", isMine: true)
        (mine.isEdited, mine.unreadBy) = (true, 2)
        mine.replyTo = MessageRow.Quote(sender: "준호", text: "바다\n색깔")
        mine.reactions = [.init("😍", count: 3, isMine: false), .init("🍊", count: 2, isMine: true)]
        var waiting = ChatFixture.message(2, "나중에", from: "@minji:naru.example", isMine: true)
        waiting.delivery = .waiting
        var failed = ChatFixture.message(3, "실패", from: "@minji:naru.example", isMine: true)
        failed.delivery = .failed(reason: "너무 커요")
        var unreadable = ChatFixture.message(4, "열쇠가 아직 없어요")
        unreadable.kind = .unreadable
        var file = ChatFixture.message(5, "")
        file.kind = .file(name: "예약\u{202E}fdp.exe", bytes: 2_100_000)
        file.warning = "확인되지 않은 기기"
        var gone = ChatFixture.message(6, "")
        gone.kind = .redacted
        let rows = ChatFixture.screen(ChatFixture.openState(messages: [mine, waiting, failed, unreadable, file, gone]))
        for text in [
            "│ 준호: 바다 색깔", "고친 글 (수정됨) 2", "😍 3  🍊 2", "나중에 · 대기 중", "실패 ! 보내지 못했어요: 너무 커요",
            "읽을 수 없어요: 열쇠가 아직 없어요", "[파일] 예약fdp.exe (2.1 MB)", "! 확인되지 않은 기기", "보내기를 취소한 메시지예요",
        ] {
            #expect(rows.contains { $0.contains(text) }, "\(text)")
        }
    }

    @Test(arguments: [(40, 10), (30, 6), (20, 5), (10, 3), (1, 1), (71, 12), (72, 12), (200, 60)])
    func anySize(columns: Int, rows: Int) {
        for focus in [ChatState.Focus.rooms, .messages, .composer] {
            var state = ChatFixture.openState(columns: columns, rows: rows)
            state.focus = focus
            for panel in [0, 1, 2, 3] {
                switch panel {
                case 1: _ = state.press(.function(1))
                case 2:
                    _ = state.press(.escape)
                    _ = state.press(.letter("k"), .control)
                case 3:
                    _ = state.press(.escape)
                    _ = state.handle(.paste(String(repeating: "안녕하세요 ", count: 60)))
                default: break
                }
                let canvas = ChatScreen(palette: .light).draw(state)
                #expect(canvas.size == ScreenSize(columns: columns, rows: rows))
                if let cursor = canvas.cursor {
                    #expect((0..<rows).contains(cursor.row) && (0..<columns).contains(cursor.column))
                }
                _ = state.press(.pageUp)
                _ = state.followUps()
            }
        }
    }

    @Test func smallScreensShowOnePane() {
        var state = ChatFixture.openState(columns: 40, rows: 10)
        let rows = ChatFixture.screen(state)
        #expect(rows[0].hasPrefix(" 제주 여행"))
        #expect(rows[0].hasSuffix("[##]") || rows[0].contains("확인됨"))
        #expect(rows.contains { $0.contains("좋아요!") })
        #expect(rows[8].hasPrefix("> "))
        _ = state.press(.escape)
        let list = ChatFixture.screen(state)
        #expect(list[0].hasPrefix(" 채팅"))
        #expect(list.contains { $0.contains("제주 여행") && $0.contains("6") })
        _ = state.press(.down)
        #expect(state.press(.enter) == [.open(room: "!chan")])
    }

    @Test func longTextsScrollInTheComposer() {
        var state = ChatFixture.openState(columns: 40, rows: 10)
        _ = state.handle(.paste((1...20).map { "줄 \($0)" }.joined(separator: "\n")))
        let rows = ChatFixture.screen(state)
        #expect(rows[8] == "  줄 20")
        #expect(!rows.contains { $0.hasSuffix(" 줄 1") })
    }

    @Test func newcomersAreToldWhatToDo() {
        var state = ChatFixture.state(language: .english)
        state.setRooms([])
        let rows = ChatFixture.screen(state)
        #expect(rows.contains { $0.contains("No chats yet.") })
        _ = state.type("/dm @a:b")
        #expect(state.press(.enter) == [.command(.direct("@a:b"), room: nil)])
    }

    @Test func noColourMeansNone() {
        #expect(Palette(environment: ["NO_COLOR": "1"]) == .colourless)
        #expect(Palette(environment: ["NO_COLOR": ""]) == .dark)
        #expect(Palette(environment: ["COLORFGBG": "0;15"]) == .light)
        #expect(Palette(environment: ["COLORFGBG": "15;0"]) == .dark)
        #expect(Palette(environment: ["TERM": "dumb"]) == .colourless)
        let canvas = ChatScreen(palette: .colourless).draw(ChatFixture.openState())
        let text = String(decoding: ScreenUpdate.bytes(from: nil, to: canvas), as: UTF8.self)
        #expect(!text.contains("38;5") && !text.contains("48;5"))
        for role in Role.allCases {
            #expect(Palette.colourless.style(role).foreground == nil)
        }
    }

    /// One of the terminal's 256 colours, as its relative luminance.
    ///
    /// https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    private func luminance(_ number: UInt8) -> Double {
        let number = Int(number)
        var parts = [Int](repeating: 8 + 10 * (number - 232), count: 3)
        if number == 16 { parts = [0, 0, 0] }
        if (17..<232).contains(number) {
            parts = [36, 6, 1].map { (number - 16) / $0 % 6 }.map { $0 == 0 ? 0 : 55 + 40 * $0 }
        }
        let linear = parts.map { part -> Double in
            let value = Double(part) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    @Test(arguments: [Palette.dark, .light])
    func everythingCanBeRead(palette: Palette) {
        for role in Role.allCases where role != .plain {
            let style = palette.style(role)
            guard let front = style.foreground else { continue }
            let ground = style.background.map(luminance) ?? (palette == .dark ? 0 : 1)
            let (high, low) = (max(luminance(front), ground), min(luminance(front), ground))
            #expect((high + 0.05) / (low + 0.05) >= 4.5, "\(role)")
            if let bar = palette.style(.bar).background, [.warning, .failure, .secure].contains(role) {
                let (high, low) = (max(luminance(front), luminance(bar)), min(luminance(front), luminance(bar)))
                #expect((high + 0.05) / (low + 0.05) >= 4.5, "\(role) on a bar")
            }
        }
    }

    /// Whatever strangers write: nothing of it steers the terminal.
    @Test func strangersWordsAreOnlyWords() {
        var generator = SeededGenerator.fresh()
        let nasty = ["\u{1B}[2J", "\u{9B}H", "\u{7}", "\u{202E}", "\r", "\n", "한글", "👍🏽", "\u{200D}", "\u{301}", "a b "]
        func text() -> String {
            (0..<Int.random(in: 0...20, using: &generator)).map { _ in nasty.randomElement(using: &generator)! }
                .joined()
        }
        for _ in 0..<60 {
            var row = ChatFixture.message(1, text())
            row.senderName = text()
            row.warning = text()
            row.replyTo = MessageRow.Quote(sender: text(), text: text())
            row.reactions = [.init(text(), count: 1, isMine: false)]
            if generator.chance(30) { row.kind = .file(name: text(), bytes: nil) }
            if generator.chance(20) { row.delivery = .failed(reason: text()) }
            var state = ChatFixture.openState(columns: 90, rows: 20, messages: [row])
            state.room?.name = text()
            state.room?.typing = [text(), text()]
            var chat = ChatRow(id: "!x", name: text())
            chat.preview = text()
            state.setRooms([chat])
            state.say(text())
            if generator.chance(50) { _ = state.press(.letter("k"), .control) }
            for cells in ChatFixture.screen(state) {
                #expect(
                    !cells.unicodeScalars.contains {
                        $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E
                    },
                    "seed \(generator.seed)")
            }
        }
    }

    @Test func thousandsOfMessagesAreQuick() {
        let messages = (0..<5_000).map {
            ChatFixture.message($0, "줄 \($0) " + String(repeating: "가나다 ", count: 20), minutesAgo: Int64(5_000 - $0))
        }
        var state = ChatFixture.openState(messages: messages)
        let clock = ContinuousClock()
        let time = clock.measure {
            for _ in 0..<10 {
                _ = state.press(.pageUp)
                _ = ChatFixture.screen(state)
            }
        }
        // A drawing lays out what is seen, not what there is.
        #expect(time < .seconds(4))
    }
}
