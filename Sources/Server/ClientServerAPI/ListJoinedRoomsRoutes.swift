import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct ListJoinedRoomsRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getJoinedRooms) { call in
            let joined = try await rooms.joinedRooms(of: call.userID)
            return .json(["joined_rooms": .array(joined.map { .string($0.string) })])
        }
    }
}
