import HomeserverStore

/// Where a client has got to: `s<stream position>_<typing serial>_<presence serial>`. Valid for ever, also after a restart.
///
/// The tokens of `/messages` are the same without the later parts.
public struct SyncToken: Sendable, Equatable, CustomStringConvertible {
    public let position: StreamPosition
    /// See ``TypingTracker``.
    public let typingSerial: Int64
    /// See ``PresenceTracker``.
    public let presenceSerial: Int64

    public init(position: StreamPosition, typingSerial: Int64 = 0, presenceSerial: Int64 = 0) {
        self.position = position
        self.presenceSerial = presenceSerial
        self.typingSerial = typingSerial
    }

    /// Nil when the text is no token of ours.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "s") else { return nil }
        let parts = text.dropFirst().split(separator: "_", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count), let position = Int64(parts[0]), position >= 0 else { return nil }
        var serials: [Int64] = []
        for part in parts.dropFirst() {
            guard let number = Int64(part), number >= 0 else { return nil }
            serials.append(number)
        }
        self.init(
            position: StreamPosition(position), typingSerial: serials.first ?? 0,
            presenceSerial: serials.count > 1 ? serials[1] : 0)
    }

    public var description: String {
        if presenceSerial > 0 { return "s\(position)_\(typingSerial)_\(presenceSerial)" }
        return typingSerial > 0 ? "s\(position)_\(typingSerial)" : "s\(position)"
    }
}
