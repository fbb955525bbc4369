import Bridging
import CanonicalJSON
import HangulSearch
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import Rooms

struct ListPublicRoomsRoutes: Routes {
    let rooms: RoomService
    let bridging: BridgingService

    func register(on table: inout RouteTable) {
        table.on(.getRoomVisibilityOnDirectory) { call in
            let isListed = try await rooms.isListed(call.roomID())
            return .json(["visibility": isListed ? "public" : "private"])
        }
        table.on(.setRoomVisibilityOnDirectory) { call in
            let isListed: Bool
            switch try call.bodyOrEmpty().optionalString("visibility") {
            case nil, "public": isListed = true
            case "private": isListed = false
            default: throw MatrixError.invalidParameter("'visibility' must be public or private")
            }
            try await rooms.setListed(isListed, roomID: call.roomID(), by: call.userID)
            return .empty
        }
        table.on(.getPublicRooms) { call in
            try await list(call, limit: call.integer("limit"), since: call.query["since"], filter: [:])
        }
        table.on(.queryPublicRooms) { call in
            let body = try call.bodyOrEmpty()
            let includesAllNetworks = try body.optionalBool("include_all_networks") ?? false
            let instanceID = try body.optionalString("third_party_instance_id")
            guard instanceID == nil || !includesAllNetworks else {
                throw MatrixError.invalidParameter("'third_party_instance_id' is one network, not all of them")
            }
            let others =
                instanceID == nil && !includesAllNetworks ? [] : try await bridging.listedRooms(instanceID: instanceID)
            return try await list(
                call, limit: body.optionalInteger("limit"), since: body.optionalString("since"),
                filter: body.optionalObject("filter") ?? [:], others: others, includesOwn: instanceID == nil)
        }
    }

    /// Pages are known by how many rooms stand before them.
    ///
    /// - Parameters:
    ///   - others: rooms in the directories of other networks.
    ///   - includesOwn: whether the server's own directory is wanted.
    private func list(
        _ call: Call, limit: Int64?, since: String?, filter: JSONObject, others: [RoomNumber] = [],
        includesOwn: Bool = true
    ) async throws -> Reply {
        if let server = call.query["server"], server != rooms.serverName.string {
            throw MatrixError.notFound("the directory of \(server.prefix(80)) cannot be reached")
        }
        let term = try filter.optionalString("generic_search_term")
        let query = term.flatMap { SearchQuery($0) }
        let types = try filter.optionalArray("room_types")
        guard let start = since.map(Int.init) ?? 0, start >= 0 else {
            throw MatrixError.invalidParameter("'since' is not a token of this server")
        }
        let all = try await rooms.publicRooms(and: others, includesListed: includesOwn).filter { room in
            (query.map(room.matches) ?? (term ?? "").isEmpty)
                && types.map { $0.contains(room.roomType.map { .string($0) } ?? .null) } ?? true
        }
        let offset = min(start, all.count)
        let count = Int(min(max(limit ?? 100, 1), 500))
        let page = all.dropFirst(offset).prefix(count)
        var json: JSONObject = [
            "chunk": .array(page.map { .object($0.json) }),
            "total_room_count_estimate": .integer(Int64(all.count)),
        ]
        if offset + count < all.count { json["next_batch"] = .string(String(offset + count)) }
        if offset > 0 { json["prev_batch"] = .string(String(max(0, offset - count))) }
        return .json(json)
    }
}
