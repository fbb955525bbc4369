/// What an operator decides about rooms.
public struct RoomsConfiguration: Sendable {
    public var retention = RetentionConfiguration()
    /// How long the moderators of a room may still read what was redacted, in milliseconds; 0 erases it at once.
    public var redactedContentLifetimeMilliseconds: Int64 = 7 * 24 * 3_600_000
    /// The longest delay of a delayed event: a message can be written for next month.
    public var maximumDelayMilliseconds: Int64 = 31 * 24 * 3_600_000
    /// Delayed events that may wait of one user.
    public var maximumDelayedEvents = 100
    /// What stands before the colon in the ID of the user that sends the server's notices.
    public var noticesLocalpart = "notices"
    /// How the server's notices room and its sender are called.
    public var noticesName = "Server notices"

    public init() {}
}

/// When messages are deleted by their age. All in milliseconds.
public struct RetentionConfiguration: Sendable {
    /// For rooms that say nothing; nil keeps their messages for ever.
    public var defaultMaximumLifetime: Int64?
    /// A room that asks for less gets this.
    public var shortestLifetime: Int64 = 24 * 3_600_000
    /// A room that asks for more gets this; nil lets rooms keep messages for ever.
    public var longestLifetime: Int64?

    public init() {}
}
