/// What is typed after a slash.
package enum SlashCommand: Sendable, Equatable {
    case help, quit, secure, devices, members, recovery(key: String?), rooms(query: String)
    case reply(String), react(String), edit(String), unsend, retry, cancel
    case create(name: String, invited: [String], isEncrypted: Bool), direct(String), join(String)
    case invite(String), leave, accept, decline, name(String), topic(String)
    case send(file: String), save(path: String?)
    case search(String), verify(String?), trust(String), emote(String), older
    case exportKeys(path: String), importKeys(path: String), ignore(String)

    /// What is wrong with a command, as a phrase.
    package enum Fault: Error, Equatable {
        case unknown(String)
        case needsArgument(String)
    }

    /// Whether a text is a command: a slash and a letter. Two slashes begin a text with one.
    package static func isCommand(_ text: String) -> Bool {
        guard text.first == "/", let second = text.dropFirst().first else { return false }
        return second.isLetter
    }

    /// Names and what they are for, in the order of the help.
    package static let names: [(name: String, argument: String, about: Phrase)] = [
        ("help", "", .helpHelp), ("rooms", "[name]", .helpRooms), ("dm", "@user:server", .helpDirect),
        ("create", "name [@user:server…]", .helpCreate), ("join", "#room:server", .helpJoin),
        ("accept", "", .helpAccept), ("decline", "", .helpDecline), ("invite", "@user:server", .helpInvite),
        ("leave", "", .helpLeave), ("members", "", .helpMembers), ("name", "text", .helpName),
        ("topic", "text", .helpTopic), ("reply", "text", .helpReply), ("react", "😍", .helpReact),
        ("edit", "text", .helpEdit), ("unsend", "", .helpUnsend), ("retry", "", .helpRetry),
        ("cancel", "", .helpCancel), ("me", "text", .helpEmote), ("file", "path", .helpFile),
        ("save", "[path]", .helpSave), ("search", "words", .helpSearch), ("older", "", .helpOlder),
        ("secure", "", .helpSecure), ("verify", "[@user:server]", .helpVerify), ("trust", "@user:server", .helpTrust),
        ("devices", "", .helpDevices), ("recovery", "[key]", .helpRecovery), ("export", "path", .helpExport),
        ("import", "path", .helpImport), ("ignore", "@user:server", .helpIgnore), ("quit", "", .helpQuit),
    ]

    package init(_ text: String) throws(Fault) {
        let words = text.dropFirst().split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        let name = words.first.map { $0.lowercased() } ?? ""
        let rest = words.count > 1 ? String(words[1].drop { $0 == " " }) : ""
        func argument() throws(Fault) -> String {
            guard !rest.isEmpty else { throw Fault.needsArgument(name) }
            return rest
        }
        if let plain = Self.plain(name, rest) {
            self = plain
            return
        }
        switch name {
        case "dm", "msg": self = .direct(try argument())
        case "create", "create-open":
            self = Self.creation(try argument(), isEncrypted: name == "create")
        case "join", "j": self = .join(try argument())
        case "invite": self = .invite(try argument())
        case "name": self = .name(try argument())
        case "topic": self = .topic(try argument())
        case "reply", "r": self = .reply(try argument())
        case "react": self = .react(try argument())
        case "edit": self = .edit(try argument())
        case "me": self = .emote(try argument())
        case "file", "send": self = .send(file: try argument())
        case "search", "find": self = .search(try argument())
        case "trust": self = .trust(try argument())
        case "export": self = .exportKeys(path: try argument())
        case "import": self = .importKeys(path: try argument())
        case "ignore": self = .ignore(try argument())
        default: throw Fault.unknown(name)
        }
    }

    /// Those that need no argument.
    private static func plain(_ name: String, _ rest: String) -> SlashCommand? {
        let optional = rest.isEmpty ? nil : rest
        return switch name {
        case "help", "h", "?": .help
        case "quit", "q", "exit": .quit
        case "secure": .secure
        case "devices": .devices
        case "members", "who": .members
        case "recovery": .recovery(key: optional)
        case "rooms", "go": .rooms(query: rest)
        case "unsend": .unsend
        case "retry": .retry
        case "cancel": .cancel
        case "leave", "part": .leave
        case "accept": .accept
        case "decline": .decline
        case "save": .save(path: optional)
        case "verify": .verify(optional)
        case "older": .older
        default: nil
        }
    }

    /// A name, and at the end of it those who are invited.
    private static func creation(_ text: String, isEncrypted: Bool) -> SlashCommand {
        var words = text.split(separator: " ")
        var invited: [String] = []
        while let last = words.last, last.hasPrefix("@"), last.contains(":") {
            invited.insert(String(last), at: 0)
            words.removeLast()
        }
        return .create(name: words.joined(separator: " "), invited: invited, isEncrypted: isEncrypted)
    }
}
