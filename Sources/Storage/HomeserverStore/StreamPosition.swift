/// A place in the one order of everything durable that clients can see. It only grows, also over restarts.
public struct StreamPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// Before everything.
    public static let zero = StreamPosition(0)

    public var description: String { String(rawValue) }
    public var next: StreamPosition { StreamPosition(rawValue + 1) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The number that stands for a room in the database.
public struct RoomNumber: Hashable, Sendable {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}

/// The number that stands for a user's device in the database.
public struct DeviceNumber: Hashable, Sendable {
    public let rawValue: Int64
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}
