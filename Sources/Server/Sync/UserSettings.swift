import Accounts
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// What a user's account data decides about his syncs.
struct UserSettings: Sendable {
    let ignoredUsers: Set<UserID>
    let pushRules: PushRuleset
    /// https://spec.matrix.org/v1.19/client-server-api/#invite-permission
    let blocksInvites: Bool

    init(of userID: UserID, from store: any AccountReader) throws {
        ignoredUsers = try store.ignoredUsers(of: userID)
        pushRules = try store.pushRules(of: userID)
        let permission = try EventType.invitePermissions.lazy
            .compactMap { try store.accountData($0, of: userID, room: nil) }.first
        blocksInvites = permission.map { InvitePermission($0.content) == .block } ?? false
    }
}
