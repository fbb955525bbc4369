/// The event types that the server itself reads or writes.
///
/// None of them holds a character that has a canonically equivalent twin outside ASCII, so comparing a stranger's type
/// with one of these by `==` compares bytes.
public enum EventType {
    public static let roomAliases = "m.room.aliases"
    public static let roomAvatar = "m.room.avatar"
    public static let roomCanonicalAlias = "m.room.canonical_alias"
    public static let roomCreate = "m.room.create"
    public static let roomEncrypted = "m.room.encrypted"
    public static let roomEncryption = "m.room.encryption"
    public static let roomGuestAccess = "m.room.guest_access"
    public static let roomHistoryVisibility = "m.room.history_visibility"
    public static let roomJoinRules = "m.room.join_rules"
    public static let roomMember = "m.room.member"
    public static let roomMessage = "m.room.message"
    public static let roomName = "m.room.name"
    public static let roomPinnedEvents = "m.room.pinned_events"
    public static let roomPowerLevels = "m.room.power_levels"
    public static let roomRedaction = "m.room.redaction"
    public static let roomRetention = "m.room.retention"
    public static let roomServerACL = "m.room.server_acl"
    public static let roomThirdPartyInvite = "m.room.third_party_invite"
    public static let roomTombstone = "m.room.tombstone"
    public static let roomTopic = "m.room.topic"
    public static let spaceChild = "m.space.child"
    public static let unstableRoomRetention = "org.matrix.msc1763.retention"

    public static let direct = "m.direct"
    public static let fullyRead = "m.fully_read"
    /// The second is what clients wrote before the specification had the first.
    /// Under both names; the device's ID follows.
    public static let localNotificationSettings = [
        "m.local_notification_settings.", "org.matrix.msc3890.local_notification_settings.",
    ]
    public static let invitePermissions = ["m.invite_permission_config", "org.matrix.msc4380.invite_permission_config"]
    public static let ignoredUserList = "m.ignored_user_list"
    public static let presence = "m.presence"
    public static let pushRules = "m.push_rules"
    public static let receipt = "m.receipt"
    public static let tag = "m.tag"
    public static let typing = "m.typing"
}
