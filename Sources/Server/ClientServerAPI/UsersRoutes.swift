import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Search

struct UsersRoutes: Routes {
    let directory: UserDirectory

    func register(on table: inout RouteTable) {
        table.on(.searchUserDirectory) { call in
            let body = try call.body()
            let limit = Int(min(max(try body.optionalInteger("limit") ?? 10, 1), 100))
            let results = try await directory.search(
                body.string("search_term"), searcher: call.userID, limit: limit)
            return .json([
                "results": .array(results.people.map { .object($0.json) }), "limited": .bool(results.isLimited),
            ])
        }
    }
}

extension DirectoryPerson {
    fileprivate var json: JSONObject {
        var json: JSONObject = ["user_id": .string(userID.string)]
        json["display_name"] = displayName.map { .string($0) }
        json["avatar_url"] = avatarURL.map { .string($0) }
        return json
    }
}
