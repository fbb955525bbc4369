import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct RoomStateRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.setRoomStateWithKey) { call in
            let eventID = try await rooms.setState(
                call.parameters["eventType"], stateKey: call.parameters["stateKey"], content: call.body(),
                in: call.roomID(), sender: call.userID)
            return .json(["event_id": .string(eventID.string)])
        }
    }
}
