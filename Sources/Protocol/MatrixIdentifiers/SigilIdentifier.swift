/// What user IDs, aliases and the older room IDs share: a sigil, a localpart, a colon and a server name.
enum SigilIdentifier {
    static func split(_ string: String, sigil: Character) -> (localpart: Substring, serverName: ServerName)? {
        guard string.utf8.count <= 255, string.first == sigil, let colon = string.firstIndex(of: ":"),
            let serverName = ServerName(String(string[string.index(after: colon)...]))
        else { return nil }
        return (string[string.index(after: string.startIndex)..<colon], serverName)
    }

    static func localpart(of string: String) -> String {
        String(string.dropFirst().prefix { $0 != ":" })
    }

    static func serverName(of string: String) -> ServerName {
        guard let colon = string.firstIndex(of: ":"),
            let name = ServerName(String(string[string.index(after: colon)...]))
        else { preconditionFailure("the initialiser has checked the server name") }
        return name
    }
}
