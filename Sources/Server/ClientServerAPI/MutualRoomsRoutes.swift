import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct MutualRoomsRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getMutualRooms, use: getMutualRooms)
    }

    private func getMutualRooms(_ call: Call) async throws -> Reply {
        guard let text = call.query["user_id"] else { throw MatrixError.missingParameter("'user_id' is missing") }
        guard let other = UserID(text) else { throw MatrixError.invalidParameter("'user_id' is not a user ID") }
        guard other != call.userID else { throw MatrixError.invalidParameter("'user_id' is yourself") }
        var after = RoomNumber(0)
        // The second name is that of the time before the specification.
        if let token = call.query["from"] ?? call.query["batch_token"] {
            guard let number = Int64(token), number > 0 else {
                throw MatrixError.invalidParameter("'from' is not a token of this server")
            }
            after = RoomNumber(number)
        }
        let mutual = try await rooms.mutualRooms(of: call.userID, with: other, after: after)
        var json: JSONObject = [
            "joined": .array(mutual.rooms.map { .string($0.string) }), "count": .integer(Int64(mutual.count)),
        ]
        if let next = mutual.next {
            json["next_batch"] = .string(String(next.rawValue))
            json["next_batch_token"] = .string(String(next.rawValue))
        }
        return .json(json)
    }
}
