import MatrixIdentifiers

/// Everything that a conversation is made of.
struct TimelineInput: Sendable {
    /// The last event that somebody has read.
    struct ReadReceipt: Sendable, Equatable {
        let eventID: String
        let timestamp: Int64
    }

    let ownUserID: UserID
    /// In the order of their places.
    var events: [StoredEvent]
    var queue: [QueueEntry] = []
    var members = MemberDirectory()
    var receipts: [UserID: ReadReceipt] = [:]
    var ignoredUsers: Set<UserID> = []
    /// The place up to which one has read oneself.
    var readPlace: Int64?
    var typing: [UserID] = []
    var hasEarlier = true
}
