import MatrixAPI
import MatrixClientAPI
import Rooms

struct LeavingRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.leaveRoom) { call in
            let reason = try call.bodyOrEmpty().optionalString("reason")
            try await rooms.leave(call.roomID(), userID: call.userID, reason: reason)
            return .empty
        }
        table.on(.forgetRoom) { call in
            try await rooms.forget(call.roomID(), userID: call.userID)
            return .empty
        }
    }
}
