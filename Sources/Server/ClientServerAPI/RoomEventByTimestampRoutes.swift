import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct RoomEventByTimestampRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getEventByTimestamp) { call in
            guard let timestamp = try call.integer("ts") else { throw MatrixError.missingParameter("'ts' is missing") }
            guard let direction = try call.direction() else { throw MatrixError.missingParameter("'dir' is missing") }
            let found = try await rooms.event(
                nearestTo: timestamp, direction, in: call.roomID(), userID: call.userID)
            return .json([
                "event_id": .string(found.eventID.string), "origin_server_ts": .integer(found.originServerTimestamp),
            ])
        }
    }
}
