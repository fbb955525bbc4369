/// `!opaque:server` up to room version 11, `!` and the create event's reference hash from version 12 on.
///
/// https://spec.matrix.org/v1.19/appendices/#room-ids
public struct RoomID: MatrixIdentifier {
    public let string: String

    public init?(_ string: String) {
        if string.utf8.contains(UInt8(ascii: ":")) {
            guard SigilIdentifier.split(string, sigil: "!") != nil else { return nil }
        } else {
            // The event ID that a room ID without a server name stands for has this grammar.
            guard string.utf8.first == UInt8(ascii: "!"), EventID("$" + Substring(string.utf8.dropFirst())) != nil
            else { return nil }
        }
        self.string = string
    }

    /// The server that made the room; nil from room version 12 on.
    public var serverName: ServerName? { SigilIdentifier.split(string, sigil: "!")?.serverName }
}
