/// Everything on the screen, and what keys do to it. It is told what the server said; it answers with actions.
package struct ChatState: Sendable {
    package enum Focus: Sendable, Equatable { case rooms, messages, composer }

    /// What Enter does with the text.
    package enum Intent: Sendable, Equatable {
        case new
        case reply(to: String)
        case edit(message: String)
    }

    /// The chat that is shown.
    package struct OpenRoom: Sendable, Equatable {
        package var id: String
        package var name: String
        package var security: LineSecurity
        package var messages: [MessageRow] = []
        /// Who is writing, by name.
        package var typing: [String] = []
        package var hasOlder = true
        package var isLoadingOlder = false
        /// The last message that had been read when the chat was opened.
        package var lastReadID: String?
        package var memberCount = 0
        package var isInvitation = false

        package init(id: String, name: String, security: LineSecurity) {
            (self.id, self.name, self.security) = (id, name, security)
        }
    }

    package var phrases: Phrases
    package let clock: WallClock
    /// The present, for "today".
    package var now: Int64
    package var size: ScreenSize
    package private(set) var rooms: [ChatRow] = []
    /// The chosen one in the list, which need not be open.
    package var listSelection = 0
    package var room: OpenRoom?
    package var connection = ConnectionStatus(.connecting)
    package internal(set) var composer = Composer()
    package internal(set) var intent = Intent.new
    /// Texts that were begun in other chats.
    var drafts: [String: Composer] = [:]
    package var panel: Panel?
    /// What was last answered, until a key is pressed.
    package var notice: Span?
    package var focus = Focus.rooms
    package internal(set) var viewport = Viewport()
    package internal(set) var selectedMessageID: String?
    /// Who is signed in.
    package var userID: String

    private var lastMarkedRead: (room: String, message: String)?
    var lastTyping: (room: String, isTyping: Bool)?

    package init(userID: String, phrases: Phrases, size: ScreenSize, now: Int64, clock: @escaping WallClock) {
        (self.userID, self.phrases, self.size, self.now, self.clock) = (userID, phrases, size, now, clock)
    }

    static let bothPanesColumns = 72

    package var showsBothPanes: Bool { size.columns >= Self.bothPanesColumns }

    // MARK: What is told

    /// The list in its order. The chosen chat stays chosen where it moves.
    package mutating func setRooms(_ rooms: [ChatRow]) {
        let chosen = self.rooms.indices.contains(listSelection) ? self.rooms[listSelection].id : room?.id
        self.rooms = rooms
        listSelection = rooms.firstIndex { $0.id == chosen } ?? min(listSelection, max(rooms.count - 1, 0))
        if case .switcher = panel?.purpose { fillSwitcher() }
    }

    /// The messages of the open chat, oldest first.
    package mutating func setMessages(_ messages: [MessageRow], hasOlder: Bool) {
        room?.messages = messages
        room?.hasOlder = hasOlder
        if let selected = selectedMessageID, !messages.contains(where: { $0.id == selected }) {
            selectedMessageID = nil
            if focus == .messages { focus = .composer }
        }
        if let bottom = viewport.bottomID, !messages.contains(where: { $0.id == bottom }) { viewport.followNewest() }
    }

    /// Shows another chat.
    package mutating func show(_ next: OpenRoom) {
        if let room, room.id == next.id {
            var next = next
            // What is known of it stays until there is news.
            (next.messages, next.hasOlder, next.lastReadID) = (room.messages, room.hasOlder, room.lastReadID)
            (next.security, next.typing) = (room.security, room.typing)
            self.room = next
            focus = .composer
            return
        }
        if let room { drafts[room.id] = composer.isEmpty ? nil : composer }
        room = next
        composer = drafts[next.id] ?? Composer(history: composer)
        (intent, viewport, selectedMessageID, notice) = (.new, Viewport(), nil, nil)
        listSelection = rooms.firstIndex { $0.id == next.id } ?? listSelection
        focus = .composer
    }

    /// The open chat is no more.
    package mutating func closeRoom() {
        room = nil
        (intent, viewport, selectedMessageID) = (.new, Viewport(), nil)
        composer.clear()
        focus = .rooms
    }

    package mutating func say(_ text: String, _ role: Role = .secure) { notice = Span(text, role) }

    /// What follows from what is seen: the newest message in sight has been read, the first asks for older ones.
    package mutating func followUps() -> [ChatAction] {
        guard let room, !room.isInvitation else { return [] }
        var actions: [ChatAction] = []
        let isInSight = showsBothPanes || focus != .rooms
        if isInSight, viewport.followsNewest, let newest = room.messages.last(where: { $0.delivery == .sent }),
            lastMarkedRead.map({ $0 != (room.id, newest.id) }) ?? true
        {
            lastMarkedRead = (room.id, newest.id)
            actions.append(.markRead(room: room.id, message: newest.id))
        }
        if room.hasOlder, !room.isLoadingOlder, window.reachesTop {
            self.room?.isLoadingOlder = true
            actions.append(.loadOlder(room: room.id))
        }
        return actions
    }

    // MARK: What is seen

    /// The message that commands are about: the chosen one, or the newest that somebody has said.
    func subject(where holds: (MessageRow) -> Bool = { _ in true }) -> MessageRow? {
        let messages = room?.messages ?? []
        if let selectedMessageID { return messages.last { $0.id == selectedMessageID } }
        return messages.last { $0.kind != .change && $0.kind != .redacted && holds($0) }
    }

    var history: Viewport.History {
        Viewport.History(
            rows: room?.messages ?? [],
            layout: TimelineLayout(phrases: phrases, clock: clock, width: ChatGeometry(self).timeline.columns.count),
            lastReadID: room?.lastReadID)
    }

    var window: Viewport.Window {
        viewport.window(history, height: ChatGeometry(self).timeline.rows.count)
    }

    mutating func scroll(by lines: Int) {
        viewport.scroll(history, by: lines, height: ChatGeometry(self).timeline.rows.count)
    }
}
