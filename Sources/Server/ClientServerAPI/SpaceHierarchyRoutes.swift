import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct SpaceHierarchyRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getSpaceHierarchy, use: getSpaceHierarchy)
    }

    private func getSpaceHierarchy(_ call: Call) async throws -> Reply {
        var request = SpaceHierarchyRequest()
        request.suggestedOnly = try call.bool("suggested_only") ?? false
        if let limit = try call.integer("limit") {
            guard limit > 0 else { throw MatrixError.invalidParameter("'limit' must be greater than zero") }
            request.limit = Int(min(limit, Int64(SpaceHierarchyRequest.maximumLimit)))
        }
        if let depth = try call.integer("max_depth") {
            guard depth >= 0 else { throw MatrixError.invalidParameter("'max_depth' must not be negative") }
            request.maximumDepth = Int(clamping: depth)
        }
        if let from = call.query["from"] {
            guard let token = SpaceHierarchyRequest.Token(from) else {
                throw MatrixError.invalidParameter("'from' is not a token of this server")
            }
            request.from = token
        }
        let (page, next) = try await rooms.hierarchy(of: call.roomID(), request, userID: call.userID)
        var json: JSONObject = ["rooms": .array(page.map { .object($0) })]
        json["next_batch"] = next.map { .string($0.description) }
        return .json(json)
    }
}
