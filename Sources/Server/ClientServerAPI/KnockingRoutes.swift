import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct KnockingRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.knockRoom) { call in
            let reason = try call.bodyOrEmpty().optionalString("reason")
            let roomID = try await rooms.resolve(roomIDOrAlias: call.parameters["roomIdOrAlias"])
            try await rooms.knock(roomID, userID: call.userID, reason: reason)
            return .json(["room_id": .string(roomID.string)])
        }
    }
}
