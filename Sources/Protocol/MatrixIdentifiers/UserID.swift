/// `@localpart:server`.
///
/// https://spec.matrix.org/v1.19/appendices/#user-identifiers
public struct UserID: MatrixIdentifier {
    public let string: String

    /// Accepts the historical grammar too: localparts of any printable ASCII but `:`, since such users exist.
    public init?(_ string: String) {
        guard let parts = SigilIdentifier.split(string, sigil: "@"),
            parts.localpart.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.string = string
    }

    /// A user of ours; nil when the localpart does not follow today's grammar or the whole is too long.
    public init?(localpart: String, serverName: ServerName) {
        guard Self.isValidNewLocalpart(localpart) else { return nil }
        self.init("@\(localpart):\(serverName.string)")
    }

    public var localpart: String { SigilIdentifier.localpart(of: string) }
    public var serverName: ServerName { SigilIdentifier.serverName(of: string) }

    /// The grammar of localparts that may be made today: `a-z`, `0-9` and `._=/+-`.
    public static func isValidNewLocalpart(_ localpart: String) -> Bool {
        !localpart.isEmpty
            && localpart.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "._=/+-".utf8.contains(byte)
            }
    }
}
