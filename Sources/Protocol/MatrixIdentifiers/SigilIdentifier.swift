import CanonicalJSON

/// What user IDs, aliases and the older room IDs share: a sigil, a localpart, a colon and a server name.
///
/// All of it works on bytes. As `Character`s, a combining mark after the sigil or the colon would hide them.
enum SigilIdentifier {
    /// Nil when the grammar that the identifiers share is broken: the localpart has no `NUL` and no `:`, and is
    /// otherwise any text.
    static func split(_ string: String, sigil: Unicode.Scalar) -> (localpart: Substring, serverName: ServerName)? {
        let bytes = string.utf8
        guard bytes.count <= 255, bytes.first == UInt8(ascii: sigil), !bytes.contains(0),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let serverName = ServerName(String(string[bytes.index(after: colon)...]))
        else { return nil }
        return (string[bytes.index(after: bytes.startIndex)..<colon], serverName)
    }

    static func localpart(of string: String) -> String {
        let bytes = string.utf8
        let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        return String(string[bytes.index(after: bytes.startIndex)..<colon])
    }

    static func serverName(of string: String) -> ServerName {
        let bytes = string.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let name = ServerName(String(string[bytes.index(after: colon)...]))
        else { preconditionFailure("the initialiser has checked the server name") }
        return name
    }
}
