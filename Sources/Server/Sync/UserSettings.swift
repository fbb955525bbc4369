import Accounts
import HomeserverStore
import MatrixIdentifiers
import Rules

/// What a user's account data decides about his syncs.
struct UserSettings: Sendable {
    let ignoredUsers: Set<UserID>
    let pushRules: PushRuleset

    init(of userID: UserID, from store: any AccountReader) throws {
        ignoredUsers = try store.ignoredUsers(of: userID)
        pushRules = try store.pushRules(of: userID)
    }
}
