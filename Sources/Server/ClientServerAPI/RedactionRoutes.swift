import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct RedactionRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.redactEvent) { call in
            let redacted = try call.identifier("eventId", EventID.self)
            if call.session.standing.isSuspended {
                try Admission.admitRedaction(of: await rooms.sender(of: redacted), by: call.session)
            }
            let eventID = try await rooms.redact(
                redacted, in: call.roomID(),
                reason: call.bodyOrEmpty().optionalString("reason"), transactionID: call.transactionID(),
                sender: call.sender)
            return .json(["event_id": .string(eventID.string)])
        }
    }
}
