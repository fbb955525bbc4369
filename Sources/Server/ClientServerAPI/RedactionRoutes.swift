import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct RedactionRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.redactEvent) { call in
            let eventID = try await rooms.redact(
                call.identifier("eventId", EventID.self), in: call.roomID(),
                reason: call.bodyOrEmpty().optionalString("reason"), transactionID: call.transactionID(),
                sender: call.sender)
            return .json(["event_id": .string(eventID.string)])
        }
    }
}
