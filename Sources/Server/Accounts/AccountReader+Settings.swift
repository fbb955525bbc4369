import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

/// What users decide in their account data and the server heeds.
extension AccountReader {
    private func content(_ type: String, of userID: UserID) throws -> JSONObject? {
        try accountData(type, of: userID, room: nil).flatMap { try JSONParser.parse($0.content).objectValue }
    }

    /// Whose messages the user does not want to see.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#ignoring-users
    public func ignoredUsers(of userID: UserID) throws -> Set<UserID> {
        let users = try content(EventType.ignoredUserList, of: userID)?["ignored_users"]?.objectValue
        return Set((users?.members ?? []).compactMap { UserID($0.key) })
    }

    /// The user's push rules; the defaults as long as nothing was changed.
    public func pushRules(of userID: UserID) throws -> PushRuleset {
        let rules = try content(EventType.pushRules, of: userID)?["global"]?.objectValue
        return rules.map { PushRuleset(json: $0, userID: userID) } ?? .defaults(for: userID)
    }
}
