import ArgumentParser
import CanonicalJSON
import Foundation
import MatrixClient
import MatrixIdentifiers
import Terminal

struct ChatTailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Prints messages as they come, until it is interrupted.",
        discussion: """
            With --json, each line is an object with room_id, event_id, sender, sender_name, time (milliseconds since \
            1970), kind, body, encrypted, own and, where there is something to say, warning, reply_to and reactions. \
            A message whose key has not come is printed with the kind 'unreadable', and again when it has.
            """)

    @OptionGroup var options: ChatOptions
    @Flag(help: "One JSON object a line, for programs.") var json = false
    @Option(help: ArgumentHelp("End after so many messages.", valueName: "messages")) var count: Int?
    @Argument(help: "A room's ID, alias or name, or a person. (default: all chats)") var room: String?

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            let (name, isJSON, limit) = (room, json, count)
            try await withRunning(session) {
                let only = try await name.asyncMap {
                    try await ChatFinder(session: session, phrases: phrases).room($0).id
                }
                try await Tail(session: session, phrases: phrases, isJSON: isJSON, only: only, limit: limit).run()
            }
        }
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async throws -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}

/// Follows the chats and prints what is new.
private struct Tail {
    /// More chats than these are followed only when they are named.
    static let maximumRooms = 200

    let session: Session
    let phrases: Phrases
    let isJSON: Bool
    let only: RoomID?
    let limit: Int?

    /// What the chats' followers tell.
    private enum News: Sendable {
        case rooms([RoomSummary])
        case items([TimelineItem], room: RoomID, name: String)
        case following(RoomID)
    }

    func run() async throws {
        let (news, continuation) = AsyncStream.makeStream(of: News.self)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                for await rooms in await session.roomList.updates() { continuation.yield(.rooms(rooms)) }
                continuation.finish()
            }
            var followed: Set<String> = []
            var printedCount = 0
            var awaited: Set<String>?
            var isSaid = false
            for await item in news {
                switch item {
                case .rooms(let rooms):
                    for summary in rooms.prefix(Self.maximumRooms) where isWanted(summary, followed) {
                        followed.insert(summary.id.string)
                        let name = phrases.name(summary.name)
                        group.addTask { try await follow(summary.id, name, continuation) }
                    }
                    if awaited == nil { awaited = followed }
                case .following(let room): awaited?.remove(room.string)
                case .items(let items, let room, let name):
                    let printer = ItemPrinter(phrases: phrases, isJSON: isJSON, chat: only == nil ? name : nil)
                    for item in items {
                        printer.write(item, room: room)
                        printedCount += 1
                        if printedCount == limit { return group.cancelAll() }
                    }
                }
                // Said once, so that who starts this knows from when on nothing is missed.
                if awaited?.isEmpty == true, !isSaid {
                    isSaid = true
                    sayOnStandardError(phrases(.tailListening))
                }
            }
        }
    }

    private func isWanted(_ summary: RoomSummary, _ followed: Set<String>) -> Bool {
        summary.membership == .join && !followed.contains(summary.id.string)
            && (only.map { $0.string.utf8.elementsEqual(summary.id.string.utf8) } ?? true)
    }

    /// Tells what comes after what is there at first.
    private func follow(
        _ id: RoomID, _ name: String, _ continuation: AsyncStream<News>.Continuation
    ) async throws {
        let timeline = try await session.room(id).timeline(latest: 20)
        /// The items that were told of, and whether they could be read then.
        var told: [TimelineItem.ID: Bool] = [:]
        var isFirst = true
        for await snapshot in await timeline.updates() {
            var fresh: [TimelineItem] = []
            for item in snapshot.items where item.eventID != nil {
                let isReadable = if case .unreadable = item.content { false } else { true }
                if told[item.id] == nil || (told[item.id] == false && isReadable) { fresh.append(item) }
                told[item.id] = isReadable
            }
            if isFirst { continuation.yield(.following(id)) }
            if !isFirst, !fresh.isEmpty { continuation.yield(.items(fresh, room: id, name: name)) }
            isFirst = false
        }
        // It is live for as long as somebody holds it.
        withExtendedLifetime(timeline) {}
    }
}

struct ChatSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Searches the messages that this device keeps, encrypted ones too.",
        discussion: "Knows Hangul by syllables and initial consonants: ㅎㄹㅅ finds 한라산. Asks no server.")

    @OptionGroup var options: ChatOptions
    @Flag(help: "One JSON object a line, for programs.") var json = false
    @Option(help: "How many at most.") var limit = 50
    @Argument(help: "What to look for.") var words: [String]

    func run() async throws {
        let phrases = options.phrases
        try await reportingFailures(phrases) {
            let session = try await options.openProfile().requireSession()
            let names = Dictionary(
                await session.roomList.rooms().map { ($0.id.string, phrases.name($0.name)) }, uniquingKeysWith: { $1 })
            for result in try await session.search(words.joined(separator: " "), limit: limit) {
                if json {
                    ChatJSON.write([
                        "room_id": .string(result.roomID.string), "event_id": .string(result.eventID.string),
                        "sender": .string(result.sender.string), "time": .integer(result.timestamp),
                        "body": .string(result.body),
                    ])
                } else {
                    let row = MessageRow(
                        id: result.eventID.string, sender: result.sender.string, name: result.sender.string,
                        text: result.body, time: result.timestamp)
                    let chat = DisplayText.line(names[result.roomID.string] ?? result.roomID.string, maximumLength: 40)
                    for line in LineMode(phrases: phrases, clock: systemWallTime).lines(row) {
                        print("[\(chat)] \(line)")
                    }
                }
            }
        }
    }
}
