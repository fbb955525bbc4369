import ArgumentParser
import CanonicalJSON
import Foundation
import MatrixClient
import MatrixIdentifiers
import Terminal

/// Finds the chat that somebody means.
struct ChatFinder {
    let session: Session
    let phrases: Phrases

    /// - Parameter text: a room's ID or alias, a person (the chat with him, which is begun if there is none), or a
    ///   name as the list shows it.
    func room(_ text: String) async throws -> Room {
        if text.hasPrefix("!"), let id = RoomID(text) { return session.room(id) }
        if text.hasPrefix("#") { return try await session.join(text) }
        if text.hasPrefix("@"), let user = UserID(text) { return try await session.directChat(with: user) }
        let named = await session.roomList.rooms().filter { phrases.name($0.name).utf8.elementsEqual(text.utf8) }
        guard let first = named.first else { throw ChatFailure(phrases(.noSuchChat, ["name": text])) }
        guard named.count == 1 else { throw ChatFailure(phrases(.severalChats, ["name": text])) }
        return session.room(first.id)
    }
}

/// What programs read: one object a line.
enum ChatJSON {
    static func write(_ object: JSONObject) {
        var bytes = object.bytes()
        bytes.append(UInt8(ascii: "\n"))
        FileHandle.standardOutput.write(Data(bytes))
    }

    static func object(_ summary: RoomSummary, phrases: Phrases) -> JSONObject {
        var object: JSONObject = [
            "room_id": .string(summary.id.string), "name": .string(phrases.name(summary.name)),
            "membership": .string(summary.membership.rawValue), "encrypted": .bool(summary.isEncrypted),
            "unread": .integer(Int64(summary.unreadCount)), "highlights": .integer(Int64(summary.highlightCount)),
            "members": .integer(Int64(summary.joinedCount)), "activity": .integer(summary.activity),
        ]
        if let user = summary.directUserID { object["direct_user_id"] = .string(user.string) }
        if let topic = summary.topic { object["topic"] = .string(topic) }
        return object
    }

    /// Nil for what says nothing yet: an item that waits to be sent.
    static func object(_ item: TimelineItem, room: RoomID, phrases: Phrases) -> JSONObject? {
        guard let eventID = item.eventID else { return nil }
        var object: JSONObject = [
            "room_id": .string(room.string), "event_id": .string(eventID.string),
            "sender": .string(item.sender.string), "sender_name": .string(item.senderName),
            "time": .integer(item.timestamp), "own": .bool(item.isOwn), "kind": .string(kind(item.content)),
            "body": .string(phrases.summary(item.content, sender: item.senderName)),
            "encrypted": .bool(item.protection != .none), "edited": .bool(item.isEdited),
        ]
        if case .message(let message) = item.content { object["body"] = .string(message.body) }
        if let warning = phrases.warning(item.protection) { object["warning"] = .string(warning) }
        if let reply = item.replyTo { object["reply_to"] = .string(reply.eventID.string) }
        if !item.reactions.isEmpty {
            object["reactions"] = .object(
                JSONObject(members: item.reactions.map { ($0.key, .integer(Int64($0.senders.count))) }))
        }
        return object
    }

    private static func kind(_ content: TimelineContent) -> String {
        switch content {
        case .message(let message):
            switch message.kind {
            case .text: "text"
            case .emote: "emote"
            case .notice: "notice"
            case .image: "image"
            case .file: "file"
            case .audio: "audio"
            case .video: "video"
            case .sticker: "sticker"
            case .location: "location"
            case .other(let type): type
            }
        case .membership: "membership"
        case .state: "state"
        case .redacted: "redacted"
        case .unreadable: "unreadable"
        case .unknown(let type, _): type
        }
    }
}

struct ChatRoomsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rooms", abstract: "Lists the chats, newest first.")

    @OptionGroup var options: ChatOptions
    @Flag(help: "One JSON object a line, for programs.") var json = false

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            let isJSON = json
            try await withRunning(session) {
                for summary in await session.roomList.rooms() {
                    if isJSON {
                        ChatJSON.write(ChatJSON.object(summary, phrases: phrases))
                    } else {
                        print(
                            LineMode(phrases: phrases, clock: systemWallTime).line(
                                ChatRows(phrases: phrases).row(summary)))
                    }
                }
            }
        }
    }
}

struct ChatSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Sends a message or a file.",
        discussion: """
            The text '-' is read from the standard input. Ends when the server has the message; when it cannot be \
            reached within --wait seconds, the message is kept, sent the next time naru chat runs, and the code is 75.
            """)

    @OptionGroup var options: ChatOptions
    @Option(help: ArgumentHelp("Send a file; the text is its caption.", valueName: "path")) var file: String?
    @Flag(help: "As a program's notice, which other programs do not answer.") var notice = false
    @Option(help: ArgumentHelp("How long to wait for the server.", valueName: "seconds")) var wait = 30
    @Argument(help: "A room's ID, alias or name, or a person.") var room: String
    @Argument(help: "The text, or - for the standard input.") var text: [String] = []

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            let text = try words()
            let attachment = try file.map { try ChatFiles.outgoing($0, caption: text.isEmpty ? nil : text) }
            guard attachment != nil || !text.isEmpty else { throw ChatFailure(phrases(.nothingToSay)) }
            let (name, isNotice, seconds) = (room, notice, wait)
            let isSent = try await withRunning(session, waitingSeconds: min(seconds, 20)) {
                let room = try await ChatFinder(session: session, phrases: phrases).room(name)
                let item: TimelineItem.ID
                if let attachment {
                    item = try await room.send(attachment)
                } else {
                    item = try await room.send(OutgoingMessage(text, kind: isNotice ? .notice : .text))
                }
                return try await Self.waitUntilSent(item, room, seconds: seconds)
            }
            guard isSent else {
                sayOnStandardError(phrases(.keptForLater))
                throw ExitCode(75)
            }
        }
    }

    private func words() throws -> String {
        let text = text.joined(separator: " ")
        guard text == "-" else { return text }
        var bytes = FileHandle.standardInput.readDataToEndOfFile()
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isWaiting(_ item: TimelineItem.ID, _ room: Room) async -> Bool {
        switch await room.sendQueue.entries().first(where: { $0.id == item })?.state {
        case .waiting, .uploading: true
        case .sent, .failed, nil: false
        }
    }

    /// - Returns: whether the server has it within the time.
    /// - Throws: why it will never be sent.
    private static func waitUntilSent(_ item: TimelineItem.ID, _ room: Room, seconds: Int) async throws -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(seconds))
        while clock.now < deadline, await isWaiting(item, room) { try await Task.sleep(for: .milliseconds(50)) }
        guard let entry = await room.sendQueue.entries().first(where: { $0.id == item }) else { return true }
        if case .failed(let error) = entry.state { throw error }
        return entry.state == .sent
    }
}

struct ChatHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Prints what was said in a chat, oldest first.")

    @OptionGroup var options: ChatOptions
    @Flag(help: "One JSON object a line, for programs.") var json = false
    @Option(help: "How many messages at most.") var limit = 50
    @Argument(help: "A room's ID, alias or name, or a person.") var room: String

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            let (name, limit, isJSON) = (room, limit, json)
            try await withRunning(session) {
                let room = try await ChatFinder(session: session, phrases: phrases).room(name)
                let timeline = try await room.timeline(latest: min(max(limit, 1), 100))
                var snapshot = await timeline.snapshot()
                while snapshot.items.count < limit, snapshot.hasEarlier {
                    guard try await timeline.loadEarlier(100) else { break }
                    snapshot = await timeline.snapshot()
                }
                snapshot = await timeline.snapshot()
                let printer = ItemPrinter(phrases: phrases, isJSON: isJSON)
                for item in snapshot.items.suffix(limit) { printer.write(item, room: room.id) }
            }
        }
    }
}

/// Writes items as lines for people or programs.
struct ItemPrinter {
    let phrases: Phrases
    let isJSON: Bool
    /// The chat's name before each line, when lines of several chats are mixed.
    var chat: String?

    func write(_ item: TimelineItem, room: RoomID) {
        if isJSON {
            if let object = ChatJSON.object(item, room: room, phrases: phrases) { ChatJSON.write(object) }
        } else if let row = ChatRows(phrases: phrases).row(item) {
            let prefix = chat.map { "[\(DisplayText.line($0, maximumLength: 40))] " } ?? ""
            for line in LineMode(phrases: phrases, clock: systemWallTime).lines(row) { printLine(prefix + line) }
        }
    }
}
