import HomeserverStore

/// Where a client has got to: `s<stream position>_<typing serial>`. Valid for ever, also after a restart.
///
/// The tokens of `/messages` are the same without the second part.
public struct SyncToken: Sendable, Equatable, CustomStringConvertible {
    public let position: StreamPosition
    /// See ``TypingTracker``.
    public let typingSerial: Int64

    public init(position: StreamPosition, typingSerial: Int64 = 0) {
        self.position = position
        self.typingSerial = typingSerial
    }

    /// Nil when the text is no token of ours.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "s") else { return nil }
        let parts = text.dropFirst().split(separator: "_", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let position = Int64(parts[0]), position >= 0 else { return nil }
        var serial: Int64 = 0
        if parts.count == 2 {
            guard let number = Int64(parts[1]), number >= 0 else { return nil }
            serial = number
        }
        self.init(position: StreamPosition(position), typingSerial: serial)
    }

    public var description: String { typingSerial > 0 ? "s\(position)_\(typingSerial)" : "s\(position)" }
}
