import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Profiles, and whom one does not want to hear.
extension Engine {
    func profile(of user: UserID) async throws(ClientError) -> Profile {
        let answer = try await call(.getUserProfile, ["userId": user.string])
        return Profile(displayName: answer.string(at: "displayname"), avatarURL: answer.string(at: "avatar_url"))
    }

    func setProfile(_ field: String, to value: String) async throws(ClientError) {
        _ = try await call(
            .setProfileField, ["userId": userID.string, "keyName": field], body: [field: .string(value)])
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#user-directory
    func searchPeople(_ text: String, limit: Int) async throws(ClientError) -> [(UserID, Profile)] {
        let answer = try await call(
            .searchUserDirectory,
            body: ["search_term": .string(text), "limit": .integer(Int64(max(1, min(limit, 100))))])
        return answer.objects(at: "results").compactMap { result in
            guard let id = result.string(at: "user_id").flatMap(UserID.init) else { return nil }
            return (
                id,
                Profile(displayName: result.string(at: "display_name"), avatarURL: result.string(at: "avatar_url"))
            )
        }
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#ignoring-users
    func setIgnored(_ isIgnored: Bool, _ user: UserID) async throws(ClientError) {
        var content = accountData[ByteExactString("m.ignored_user_list")] ?? [:]
        var users = content["ignored_users"]?.objectValue ?? [:]
        users[user.string] = isIgnored ? [:] : nil
        content["ignored_users"] = .object(users)
        try await setAccountData("m.ignored_user_list", content)
    }
}
