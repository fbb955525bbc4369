import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI

struct UsersRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.searchUserDirectory) { call in
            let body = try call.body()
            let limit = Int(min(max(try body.optionalInteger("limit") ?? 10, 1), 100))
            let found = try await accounts.searchUsers(
                body.string("search_term"), searcher: call.userID, limit: limit + 1)
            return .json([
                "results": .array(found.prefix(limit).map { .object($0.json) }),
                "limited": .bool(found.count > limit),
            ])
        }
    }
}

extension UserSearchResult {
    fileprivate var json: JSONObject {
        var json: JSONObject = ["user_id": .string(userID.string)]
        json["display_name"] = displayName.map { .string($0) }
        json["avatar_url"] = avatarURL.map { .string($0) }
        return json
    }
}
