/// A message that waits for a device.
public struct ToDeviceMessage: Sendable, Equatable {
    public let position: StreamPosition
    /// The event in the client format, JSON as bytes.
    public let json: [UInt8]

    public init(position: StreamPosition, json: [UInt8]) {
        self.position = position
        self.json = json
    }
}

/// How much a device's inbox holds at the most. Beyond it the earliest messages give way.
public struct InboxBounds: Sendable {
    public let maximumCount: Int
    public let maximumBytes: Int

    public init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }
}

/// The devices' inboxes. All of one goes with its device.
public protocol ToDeviceReader {
    /// The earliest messages in the range (`after` exclusive, `upTo` inclusive), in order.
    func toDeviceMessages(
        for device: DeviceNumber, after: StreamPosition, upTo: StreamPosition, limit: Int
    ) throws -> [ToDeviceMessage]
    /// The positions of the first and the last message; nil when there is none.
    func toDeviceRange(of device: DeviceNumber) throws -> ClosedRange<StreamPosition>?
}

public protocol ToDeviceWriter: ToDeviceReader {
    /// Adds a message; at the most one at a position.
    func insertToDeviceMessage(_ message: ToDeviceMessage, for device: DeviceNumber, bounds: InboxBounds) throws
    func deleteToDeviceMessages(for device: DeviceNumber, upTo: StreamPosition) throws
}
