import MatrixIdentifiers

public struct RoomMember: Sendable, Identifiable, Equatable {
    public let id: UserID
    public var membership: Membership
    /// As he calls himself; not unique.
    public var displayName: String?
    public var avatarURL: String?
    /// 100 may do everything by default, 50 moderate, 0 speak.
    public var powerLevel: Int64

    /// The name to show: followed by the user ID when somebody else in the room has the same.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#calculating-the-display-name-for-a-user
    public var name: String
}

/// A room to be made.
public struct RoomCreation: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// One must be invited.
        case privateGroup
        /// Anybody may join. Not encrypted, since everybody may read it.
        case publicGroup
        /// Two people; the room is marked as direct for both.
        case direct
    }

    public var kind: Kind
    public var name: String?
    public var topic: String?
    public var aliasLocalpart: String?
    public var invite: [UserID] = []
    /// Nil: what the configuration says; public groups are not.
    public var isEncrypted: Bool?

    public init(_ kind: Kind = .privateGroup, name: String? = nil, invite: [UserID] = []) {
        self.kind = kind
        self.name = name
        self.invite = invite
    }
}

/// Somebody's public profile.
public struct Profile: Sendable, Equatable {
    public var displayName: String?
    public var avatarURL: String?
}
