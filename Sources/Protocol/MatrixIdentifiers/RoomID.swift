/// `!opaque:server` up to room version 11, `!` and the create event's reference hash from version 12 on.
///
/// https://spec.matrix.org/v1.19/appendices/#room-ids
public struct RoomID: MatrixIdentifier {
    public let string: String

    public init?(_ string: String) {
        let bytes = string.utf8
        guard bytes.first == UInt8(ascii: "!"), (2...255).contains(bytes.count), !bytes.contains(0) else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            guard SigilIdentifier.split(string, sigil: "!") != nil else { return nil }
        }
        self.string = string
    }

    /// The server that made the room; nil from room version 12 on.
    public var serverName: ServerName? { SigilIdentifier.split(string, sigil: "!")?.serverName }
}
