import ArgumentParser
import CanonicalJSON

struct NoticeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notice",
        abstract: "Sends a notice of the server to a user or to everybody.",
        discussion: "It comes in a room that the server makes for it, and that cannot be turned down.")

    @Argument(help: ArgumentHelp("What is to be said.", valueName: "text")) var text: String
    @Option(help: ArgumentHelp("To whom, by user ID or name.", valueName: "user")) var user: String?
    @Flag(help: "To everybody.") var everybody = false
    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard (user == nil) == everybody else { throw ValidationError("Say to whom: --user NAME or --everybody.") }
    }

    func run() async throws {
        if let user {
            return try await options.run("notices/send", ["user": .string(user), "text": .string(text)]) {
                ["sent to \($0["user_id"]?.stringValue ?? "")"]
            }
        }
        try await options.run(
            { connection in
                var sent: Int64 = 0
                var arguments: JSONObject = ["text": .string(text)]
                while true {
                    let page = try await connection.call("notices/send-to-all", arguments)
                    sent += page["sent"]?.integerValue ?? 0
                    guard let next = page["next"] else { return ["sent": .integer(sent)] }
                    arguments["after"] = next
                }
            }, show: { ["sent to \($0["sent"]?.integerValue ?? 0) users"] })
    }
}
