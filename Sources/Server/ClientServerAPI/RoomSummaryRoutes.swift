import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct RoomSummaryRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getRoomSummary) { call in
            let roomID = try await rooms.resolve(roomIDOrAlias: call.parameters["roomIdOrAlias"])
            return .json(try await rooms.summary(of: roomID, userID: call.optionalUserID))
        }
    }
}
