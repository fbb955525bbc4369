import MatrixIdentifiers

/// Everything that a conversation is made of.
package struct TimelineInput: Sendable {
    /// The last event that somebody has read.
    package struct ReadReceipt: Sendable, Equatable {
        package let eventID: String
        package let timestamp: Int64

        package init(eventID: String, timestamp: Int64) {
            self.eventID = eventID
            self.timestamp = timestamp
        }
    }

    package let ownUserID: UserID
    /// In the order of their places.
    package var events: [StoredEvent]
    package var queue: [QueueEntry] = []
    package var members = MemberDirectory()
    package var receipts: [UserID: ReadReceipt] = [:]
    package var ignoredUsers: Set<UserID> = []
    /// The place up to which one has read oneself.
    package var readPlace: Int64?
    package var typing: [UserID] = []
    package var hasEarlier = true

    package init(ownUserID: UserID, events: [StoredEvent]) {
        self.ownUserID = ownUserID
        self.events = events
    }
}
