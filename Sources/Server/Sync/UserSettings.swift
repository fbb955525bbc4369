import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

/// What a user's account data decides about his syncs.
struct UserSettings: Sendable {
    /// https://spec.matrix.org/v1.19/client-server-api/#ignoring-users
    let ignoredUsers: Set<UserID>
    let pushRules: PushRuleset

    init(of userID: UserID, from store: any AccountReader) throws {
        func content(_ type: String) throws -> JSONObject? {
            guard let bytes = try store.accountData(type, of: userID, room: nil)?.content else { return nil }
            return try JSONParser.parse(bytes).objectValue
        }
        let ignored = try content(EventType.ignoredUserList)?["ignored_users"]?.objectValue
        ignoredUsers = Set((ignored?.members ?? []).compactMap { UserID($0.key) })
        let rules = try content(EventType.pushRules)?["global"]?.objectValue
        pushRules = rules.map { PushRuleset(json: $0, userID: userID) } ?? .defaults(for: userID)
    }
}
