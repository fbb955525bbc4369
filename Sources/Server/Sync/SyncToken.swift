import HomeserverStore

/// Where a client has got to: `s<stream position>_<typing serial>_<to-device position>_<presence serial>-<rooms>`. Valid
/// for ever, also after a restart.
///
/// The third part is there only while more messages wait for the device than one answer holds, or before the fourth,
/// which is there only while presence is on. The rooms are those in which the client knows of somebody typing, as numbers
/// with dots between them: who is typing is kept in memory only, and after a restart the client has to be told that nobody
/// is any more. The tokens of `/messages` are the first part alone. A `pos` of sliding sync is such a token with the
/// connection after a `~`, which is ignored here.
public struct SyncToken: Sendable, Equatable, CustomStringConvertible {
    public let position: StreamPosition
    /// See ``TypingTracker``.
    public let typingSerial: Int64
    /// Up to here the device has received its messages.
    public let toDevicePosition: StreamPosition
    /// See ``PresenceTracker``.
    public let presenceSerial: Int64
    public let typingRooms: [RoomNumber]

    /// Rooms in one token: bounds its length. Of more, some client may show somebody typing until he types again.
    private static let maximumTypingRooms = 50

    /// - Parameter toDevicePosition: nil when it is `position`.
    public init(
        position: StreamPosition, typingSerial: Int64 = 0, toDevicePosition: StreamPosition? = nil,
        presenceSerial: Int64 = 0, typingRooms: [RoomNumber] = []
    ) {
        self.position = position
        self.typingSerial = typingSerial
        self.toDevicePosition = toDevicePosition ?? position
        self.presenceSerial = presenceSerial
        self.typingRooms = Array(typingRooms.prefix(Self.maximumTypingRooms))
    }

    /// Nil when the text is no token of ours.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "s") else { return nil }
        let sections = text.prefix { $0 != "~" }.dropFirst().split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        var numbers: [Int64] = []
        for part in sections[0].split(separator: "_", omittingEmptySubsequences: false) {
            guard let number = Int64(part), number >= 0 else { return nil }
            numbers.append(number)
        }
        guard (1...4).contains(numbers.count), numbers.count < 3 || numbers[2] <= numbers[0] else { return nil }
        var rooms: [RoomNumber] = []
        if sections.count == 2 {
            for part in sections[1].split(separator: ".", omittingEmptySubsequences: false) {
                guard numbers.count >= 2, let number = Int64(part), number > 0 else { return nil }
                rooms.append(RoomNumber(number))
            }
        }
        self.init(
            position: StreamPosition(numbers[0]), typingSerial: numbers.count > 1 ? numbers[1] : 0,
            toDevicePosition: numbers.count > 2 ? StreamPosition(numbers[2]) : nil,
            presenceSerial: numbers.count > 3 ? numbers[3] : 0, typingRooms: rooms)
    }

    public var description: String {
        let rooms = typingRooms.isEmpty ? "" : "-" + typingRooms.map { String($0.rawValue) }.joined(separator: ".")
        if presenceSerial > 0 { return "s\(position)_\(typingSerial)_\(toDevicePosition)_\(presenceSerial)\(rooms)" }
        if toDevicePosition != position { return "s\(position)_\(typingSerial)_\(toDevicePosition)\(rooms)" }
        return typingSerial > 0 || !rooms.isEmpty ? "s\(position)_\(typingSerial)\(rooms)" : "s\(position)"
    }
}
