import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms

struct RoomSendRoutes: Routes {
    let rooms: RoomService
    let delayedEvents: DelayedEventService

    func register(on table: inout RouteTable) {
        table.on(.sendMessage, use: sendMessage)
    }

    private func sendMessage(_ call: Call) async throws -> Reply {
        if call.session.standing.isSuspended { try await admitSuspended(call) }
        if let request = try call.delayedEvent(stateKey: nil) {
            return .json(["delay_id": .string(try await delayedEvents.schedule(request, sender: call.sender))])
        }
        rooms.presence.noteActivity(of: call.userID)
        let eventID = try await rooms.send(
            call.parameters["eventType"], content: call.body(), to: call.roomID(),
            transactionID: call.transactionID(), sender: call.sender, timestamp: call.massagedTimestamp())
        return .json(["event_id": .string(eventID.string)])
    }

    /// Of all that can be sent, a redaction of an event of one's own.
    private func admitSuspended(_ call: Call) async throws {
        var sender: UserID?
        if call.parameters["eventType"] == EventType.roomRedaction,
            let redacted = try call.body().optionalIdentifier("redacts", EventID.self)
        {
            sender = try await rooms.sender(of: redacted)
        }
        try Admission.admitRedaction(of: sender, by: call.session)
    }
}

extension Call {
    func transactionID() throws(MatrixError) -> String {
        let id = parameters["txnId"]
        guard id.utf8.count <= 255 else { throw .invalidParameter("a transaction ID has at most 255 bytes") }
        return id
    }
}
