import Terminal

/// A state with chats and messages, in Korean or English, at half past three on Saturday, 21 November 2026, in UTC.
enum ChatFixture {
    static let now: Int64 = 1_795_275_000_000

    /// UTC, by days since the epoch.
    static let clock: WallClock = { milliseconds in
        let minutes = Int(milliseconds / 60_000)
        let days = minutes / 1440
        // https://howardhinnant.github.io/date_algorithms.html#civil_from_days
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return WallTime(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * part + 2) / 5 + 1, weekday: (days + 4) % 7, hour: minutes / 60 % 24,
            minute: minutes % 60)
    }

    static func state(columns: Int = 100, rows: Int = 24, language: Language = .korean) -> ChatState {
        var state = ChatState(
            userID: "@minji:naru.example", phrases: Phrases(language), size: ScreenSize(columns: columns, rows: rows),
            now: now, clock: clock)
        var jeju = ChatRow(id: "!jeju", name: "제주 여행")
        (jeju.preview, jeju.time, jeju.unreadCount) = ("사진 4장", now - 600_000, 6)
        var chan = ChatRow(id: "!chan", name: "까치")
        (chan.preview, chan.time, chan.unreadCount, chan.highlightCount) = ("리허설 끝!", now - 90_000_000, 3, 1)
        var invitation = ChatRow(id: "!wang", name: "王雨涵")
        invitation.isInvitation = true
        state.setRooms([jeju, chan, invitation])
        state.connection = ConnectionStatus(.online, latencyMilliseconds: 41)
        return state
    }

    static func message(
        _ number: Int, _ text: String, from sender: String = "@junho:naru.example", minutesAgo: Int64 = 0,
        isMine: Bool = false
    ) -> MessageRow {
        MessageRow(
            id: "$\(number)", sender: sender, name: isMine ? "민지" : "준호", isMine: isMine, text: text,
            time: now - minutesAgo * 60_000)
    }

    /// The same with a chat open.
    static func openState(
        columns: Int = 100, rows: Int = 24, language: Language = .korean, messages: [MessageRow]? = nil
    ) -> ChatState {
        var state = state(columns: columns, rows: rows, language: language)
        var room = ChatState.OpenRoom(id: "!jeju", name: "제주 여행", security: .verified)
        room.memberCount = 2
        room.hasOlder = false
        room.messages =
            messages ?? [
                message(1, "바다 색깔 실화?!", minutesAgo: 12), message(2, "내일은 한라산 갈까요? 🏔️", minutesAgo: 11),
                message(3, "좋아요!", from: "@minji:naru.example", minutesAgo: 9, isMine: true),
            ]
        state.show(room)
        return state
    }

    static func screen(_ state: ChatState) -> [String] {
        let canvas = ChatScreen(palette: .dark).draw(state)
        return (0..<canvas.size.rows).map { canvas.text(row: $0) }
    }
}

extension ChatState {
    /// Types a text.
    mutating func type(_ text: String) -> [ChatAction] { handle(.text(text)) }

    mutating func press(_ code: Key.Code, _ modifiers: Key.Modifiers = []) -> [ChatAction] {
        handle(.key(Key(code, modifiers)))
    }
}
