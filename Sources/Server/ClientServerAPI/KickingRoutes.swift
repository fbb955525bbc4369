import MatrixAPI
import MatrixClientAPI
import Rooms

struct KickingRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.kick) { call in
            let target = try MembershipTarget(call.body())
            try await rooms.kick(target.userID, from: call.roomID(), by: call.userID, reason: target.reason)
            return .empty
        }
    }
}
