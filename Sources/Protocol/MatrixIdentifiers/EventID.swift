/// `$` and the event's reference hash in URL-safe unpadded base64 (room versions 4 and later).
///
/// https://spec.matrix.org/v1.19/appendices/#event-ids
public struct EventID: MatrixIdentifier {
    public let string: String

    public init?(_ string: String) {
        guard string.utf8.first == UInt8(ascii: "$"), (2...255).contains(string.utf8.count),
            string.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.string = string
    }
}
