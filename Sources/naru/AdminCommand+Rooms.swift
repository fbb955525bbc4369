import ArgumentParser
import CanonicalJSON

struct RoomsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rooms", abstract: "Shows and deletes rooms.",
        subcommands: [List.self, Show.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists all rooms.")
        @OptionGroup var options: AdminOptions

        func run() async throws { try await options.list("rooms/list", "rooms", show: AdminText.room) }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a room.")
        @Argument(help: ArgumentHelp("The room's ID.", valueName: "room")) var room: String
        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.run("rooms/show", ["room": .string(room)]) { room in
                var lines = [AdminText.room(room), "version \(room["version"]?.stringValue ?? "")"]
                lines += (room["aliases"]?.arrayValue ?? []).map { "alias \($0.stringValue ?? "")" }
                if let deletion = room["deletion"]?.objectValue { lines.append(RoomsCommand.text(deletion)) }
                return lines
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes everybody out of a room, deletes what was said in it, and lets nobody in again.",
            discussion: """
                May be stopped and called again; a server that is running goes on by itself. What remains is who was \
                in the room, so that clients which come back later learn that they are out.
                """)
        @Argument(help: ArgumentHelp("The room's ID.", valueName: "room")) var room: String
        @OptionGroup var options: AdminOptions

        func run() async throws {
            let bar = ProgressBar()
            try await options.run(
                { connection in
                    while true {
                        let deletion = try await connection.call("rooms/delete", ["room": .string(room)])
                        bar.show(RoomsCommand.text(deletion))
                        if deletion["stage"]?.stringValue == "done" {
                            bar.clear()
                            return deletion
                        }
                    }
                }, show: { [RoomsCommand.text($0)] })
        }
    }

    private static func text(_ deletion: JSONObject) -> String {
        "\(deletion["stage"]?.stringValue ?? ""): \(deletion["removed_users"]?.integerValue ?? 0) people taken out, "
            + "\(deletion["purged_rows"]?.integerValue ?? 0) rows deleted"
    }
}

struct TokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Makes, lists and revokes registration tokens.",
        subcommands: [Create.self, List.self, Revoke.self])

    private static func text(_ token: JSONObject) -> String {
        let uses = token["uses"]?.integerValue.map { " of \($0)" } ?? ""
        let end = token["expires_at"] == nil ? "" : "  until \(AdminText.time(token["expires_at"]))"
        return "\(token["token"]?.stringValue ?? "")  used \(token["completed"]?.integerValue ?? 0)\(uses)\(end)"
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token that lets people sign up.")
        @Option(help: ArgumentHelp("The token. (default: one is made up)", valueName: "token")) var token: String?
        @Option(help: ArgumentHelp("How many may sign up with it. (default: any number)", valueName: "count"))
        var uses: Int64?
        @Option(help: ArgumentHelp("For how many days it is good. (default: for ever)", valueName: "days"))
        var days: Int64?
        @OptionGroup var options: AdminOptions

        func run() async throws {
            var arguments = JSONObject()
            arguments["token"] = token.map { .string($0) }
            arguments["uses"] = uses.map { .integer($0) }
            if let days {
                guard (1...36_500).contains(days) else { throw ValidationError("--days is from 1 to 36500.") }
                arguments["expires_at"] = .integer(Composition.environment.timestamp + days * 86_400_000)
            }
            try await options.run("tokens/create", arguments) { [TokensCommand.text($0)] }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the tokens.")
        @OptionGroup var options: AdminOptions

        func run() async throws { try await options.list("tokens/list", "tokens", show: TokensCommand.text) }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token void.")
        @Argument(help: ArgumentHelp("The token.", valueName: "token")) var token: String
        @OptionGroup var options: AdminOptions

        func run() async throws {
            try await options.run("tokens/revoke", ["token": .string(token)]) { _ in ["revoked"] }
        }
    }
}
