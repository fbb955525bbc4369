/// `#localpart:server`, a name for a room that people can read.
///
/// https://spec.matrix.org/v1.19/appendices/#room-aliases
public struct RoomAlias: MatrixIdentifier {
    public let string: String

    public init?(_ string: String) {
        guard let parts = SigilIdentifier.split(string, sigil: "#"), !parts.localpart.isEmpty else { return nil }
        self.string = string
    }

    public var localpart: String { SigilIdentifier.localpart(of: string) }
    public var serverName: ServerName { SigilIdentifier.serverName(of: string) }
}
