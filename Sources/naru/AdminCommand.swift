import ArgumentParser
import CanonicalJSON
import Foundation

/// `naru admin`: what operators do with users, registration tokens and rooms.
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Looks after users, registration tokens and rooms, and sends notices.",
        discussion: """
            Works on the server that is running on the data folder, and on the data itself when none is. Only the \
            system's user who owns the folder can do this.
            """,
        subcommands: [UsersCommand.self, TokensCommand.self, RoomsCommand.self, NoticeCommand.self])
}

/// What all of them share.
struct AdminOptions: ParsableArguments {
    @OptionGroup var data: DataOption

    @Flag(help: "Print the answer as JSON, for programs.") var json = false

    /// Runs commands and prints what `show` makes of the answers.
    func run(
        _ body: (AdminConnection) async throws -> JSONObject, show: (JSONObject) -> [String]
    ) async throws {
        let connection = try await AdminConnection(data: data.path)
        let answer: JSONObject
        do {
            answer = try await body(connection)
        } catch {
            try await connection.close()
            throw error
        }
        try await connection.close()
        if json { return print(String(decoding: answer.bytes(), as: UTF8.self)) }
        for line in show(answer) { print(line) }
    }

    func run(_ command: String, _ arguments: JSONObject, show: (JSONObject) -> [String]) async throws {
        try await run({ try await $0.call(command, arguments) }, show: show)
    }

    /// Every page of a list, one after the other.
    func list(_ command: String, _ key: String, show: (JSONObject) -> String) async throws {
        try await run(
            { connection in
                var entries: [JSONValue] = []
                var arguments: JSONObject = ["limit": 500]
                while true {
                    let page = try await connection.call(command, arguments)
                    entries += page[key]?.arrayValue ?? []
                    guard let next = page["next"] else { return JSONObject(members: [(key, .array(entries))]) }
                    arguments["after"] = next
                }
            },
            show: { ($0[key]?.arrayValue ?? []).compactMap(\.objectValue).map(show) })
    }
}

/// How values of JSON look in a line.
enum AdminText {
    static func time(_ value: JSONValue?) -> String {
        guard let milliseconds = value?.integerValue else { return "never" }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }

    static func user(_ user: JSONObject) -> String {
        let marks = ["admin", "locked", "suspended", "deactivated"].filter { user[$0]?.boolValue == true }
        return ([user["user_id"]?.stringValue ?? ""] + marks).joined(separator: "  ")
    }

    static func room(_ room: JSONObject) -> String {
        var parts = [room["room_id"]?.stringValue ?? "", "\(room["joined_members"]?.integerValue ?? 0) members"]
        parts.append(room["name"]?.stringValue.map { "'\($0)'" } ?? "without a name")
        if room["deleted"]?.boolValue == true { parts.append("deleted") }
        return parts.joined(separator: "  ")
    }
}
