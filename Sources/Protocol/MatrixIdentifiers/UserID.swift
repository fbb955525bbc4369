/// `@localpart:server`.
///
/// https://spec.matrix.org/v1.19/appendices/#user-identifiers
public struct UserID: MatrixIdentifier {
    public let string: String

    /// Accepts the historical grammar too, as servers must: localparts of any characters but `:` and `NUL`, and the
    /// empty one.
    ///
    /// https://spec.matrix.org/v1.19/appendices/#historical-user-ids
    public init?(_ string: String) {
        guard SigilIdentifier.split(string, sigil: "@") != nil else { return nil }
        self.string = string
    }

    /// Whether the localpart is printable ASCII and not empty. Other user IDs exist in old rooms; they are not to be
    /// shown to clients but within events.
    public var isCompliant: Bool {
        !localpart.isEmpty && localpart.utf8.allSatisfy { (0x21...0x7E).contains($0) }
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
