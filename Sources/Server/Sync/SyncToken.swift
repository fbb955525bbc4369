import HomeserverStore

/// Where a client has got to: `s<stream position>_<typing serial>_<to-device position>_<presence serial>`. Valid for
/// ever, also after a restart.
///
/// The third part is there only while more messages wait for the device than one answer holds, or before the fourth,
/// which is there only while presence is on. The tokens of `/messages` are the first part alone.
public struct SyncToken: Sendable, Equatable, CustomStringConvertible {
    public let position: StreamPosition
    /// See ``TypingTracker``.
    public let typingSerial: Int64
    /// Up to here the device has received its messages.
    public let toDevicePosition: StreamPosition
    /// See ``PresenceTracker``.
    public let presenceSerial: Int64

    /// - Parameter toDevicePosition: nil when it is `position`.
    public init(
        position: StreamPosition, typingSerial: Int64 = 0, toDevicePosition: StreamPosition? = nil,
        presenceSerial: Int64 = 0
    ) {
        self.position = position
        self.presenceSerial = presenceSerial
        self.typingSerial = typingSerial
        self.toDevicePosition = toDevicePosition ?? position
    }

    /// Nil when the text is no token of ours.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "s") else { return nil }
        let parts = text.dropFirst().split(separator: "_", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count), let position = Int64(parts[0]), position >= 0 else { return nil }
        var serial: Int64 = 0
        var toDevicePosition: StreamPosition?
        var presenceSerial: Int64 = 0
        if parts.count >= 2 {
            guard let number = Int64(parts[1]), number >= 0 else { return nil }
            serial = number
        }
        if parts.count >= 3 {
            guard let number = Int64(parts[2]), (0...position).contains(number) else { return nil }
            toDevicePosition = StreamPosition(number)
        }
        if parts.count == 4 {
            guard let number = Int64(parts[3]), number >= 0 else { return nil }
            presenceSerial = number
        }
        self.init(
            position: StreamPosition(position), typingSerial: serial, toDevicePosition: toDevicePosition,
            presenceSerial: presenceSerial)
    }

    public var description: String {
        if presenceSerial > 0 { return "s\(position)_\(typingSerial)_\(toDevicePosition)_\(presenceSerial)" }
        if toDevicePosition != position { return "s\(position)_\(typingSerial)_\(toDevicePosition)" }
        return typingSerial > 0 ? "s\(position)_\(typingSerial)" : "s\(position)"
    }
}
