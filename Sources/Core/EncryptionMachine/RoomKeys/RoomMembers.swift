/// The users of a room who may have to be given its keys.
public struct RoomMembers: Sendable {
    public var joined: [String]
    /// They are given keys when the room's history visibility lets them see messages from their invite on.
    public var invited: [String]

    public init(joined: [String], invited: [String] = []) {
        self.joined = joined
        self.invited = invited
    }
}

/// https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
public enum RoomHistoryVisibility: UInt8, Sendable {
    case joined = 1
    case invited = 2
    case shared = 3
    case worldReadable = 4

    /// Whether those who come later may be given the keys of messages sent now.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#shareable-encryption-sessions
    public var sharesHistory: Bool { self == .shared || self == .worldReadable }
}

/// What the machine knows of a room's encryption. Once on, it is never off again, whatever the server says later.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mroomencryption
public struct RoomEncryption: Sendable, Equatable {
    /// False when the room wants an algorithm that the machine does not know: nothing can be sent then.
    public let isSupported: Bool
    /// After so long a new session is made; within 1 hour and 30 days.
    public let rotationPeriodMilliseconds: Int64
    /// After so many messages a new session is made; within 1 and 10,000.
    public let rotationPeriodMessages: Int64
    public let historyVisibility: RoomHistoryVisibility
}
