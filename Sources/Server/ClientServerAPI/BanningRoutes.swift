import MatrixAPI
import MatrixClientAPI
import Rooms

struct BanningRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.ban) { call in
            let target = try MembershipTarget(call.body())
            try await rooms.ban(target.userID, from: call.roomID(), by: call.userID, reason: target.reason)
            return .empty
        }
        table.on(.unban) { call in
            let target = try MembershipTarget(call.body())
            try await rooms.unban(target.userID, from: call.roomID(), by: call.userID, reason: target.reason)
            return .empty
        }
    }
}
