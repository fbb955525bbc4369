import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct RoomStateRoutes: Routes {
    let rooms: RoomService
    let delayedEvents: DelayedEventService

    func register(on table: inout RouteTable) {
        table.on(.setRoomStateWithKey) { call in
            if let request = try call.delayedEvent(stateKey: call.parameters["stateKey"]) {
                return .json(["delay_id": .string(try await delayedEvents.schedule(request, sender: call.sender))])
            }
            let eventID = try await rooms.setState(
                call.parameters["eventType"], stateKey: call.parameters["stateKey"], content: call.body(),
                in: call.roomID(), sender: call.userID, timestamp: call.massagedTimestamp())
            return .json(["event_id": .string(eventID.string)])
        }
    }
}
