import MatrixIdentifiers

/// What is known of a conversation at one moment.
public struct TimelineSnapshot: Sendable, Equatable {
    /// In order: what waits to be sent is at the end.
    public var items: [TimelineItem] = []
    /// Whether ``Timeline/loadEarlier(_:)`` has more to show.
    public var hasEarlier = true
    /// The first item that one has not read; nil when all is read.
    public var firstUnread: TimelineItem.ID?
    /// Who is typing, without oneself.
    public var typing: [UserID] = []
}
