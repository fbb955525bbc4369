import MatrixIdentifiers

/// What a list of rooms shows of one of them.
public struct RoomSummary: Sendable, Identifiable, Equatable {
    public let id: RoomID
    public var name: RoomName
    public var topic: String?
    public var avatarURL: String?
    public var membership: Membership
    /// The other person of a direct chat.
    public var directUserID: UserID?
    public var isEncrypted = false
    public var isFavourite = false
    public var isLowPriority = false
    /// The user has marked it as unread by hand.
    public var isMarkedUnread = false
    /// Messages that one has not read and wants to be told of.
    public var unreadCount = 0
    /// Those of them that mention one.
    public var highlightCount = 0
    public var joinedCount = 0
    public var invitedCount = 0
    /// Who invites one.
    public var inviter: UserID?
    public var lastMessage: LastMessage?
    /// Milliseconds since 1970 of the latest message; what lists are sorted by.
    public var activity: Int64 = 0
    public var typing: [UserID] = []

    public struct LastMessage: Sendable, Equatable {
        public let sender: UserID
        public let senderName: String
        public let isOwn: Bool
        public let timestamp: Int64
        public let content: TimelineContent
        /// Nil for what the server has.
        public let sending: SendState?
    }
}

public enum Membership: String, Sendable, Equatable {
    case join, invite, knock, leave, ban
}

/// What a room is called. An application puts it into words of its language.
///
/// https://spec.matrix.org/v1.19/client-server-api/#calculating-the-display-name-for-a-room
public enum RoomName: Sendable, Equatable {
    /// Given by its members, or its alias.
    case given(String)
    /// It has none: some of those who are in it or invited, and how many there are besides.
    case members([String], others: Int)
    /// Nobody else is there; who was, as far as it is known.
    case empty(formerly: [String])

    /// In English.
    public var text: String {
        switch self {
        case .given(let name): name
        case .members(let names, let others):
            if others > 0 {
                "\(names.joined(separator: ", ")) and \(others) others"
            } else if names.count < 2 {
                names.first ?? ""
            } else {
                "\(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1])"
            }
        case .empty(let names):
            names.isEmpty ? "Empty room" : "Empty room (was \(names.joined(separator: ", ")))"
        }
    }
}
