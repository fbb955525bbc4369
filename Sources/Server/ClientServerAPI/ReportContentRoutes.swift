import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

/// Everything is answered alike, so that nobody learns by reporting what there is.
struct ReportContentRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.reportRoom) { call in
            try await report(.room(call.roomID()), call, reason: call.body().string("reason"))
        }
        table.on(.reportEvent) { call in
            let eventID = try call.identifier("eventId", EventID.self)
            // Older clients send a score, which says nothing, and some no reason.
            let reason = try call.bodyOrEmpty().optionalString("reason") ?? ""
            return try await report(.event(eventID, call.roomID()), call, reason: reason)
        }
        table.on(.reportUser) { call in
            let userID = try call.identifier("userId", UserID.self)
            return try await report(.user(userID), call, reason: call.body().string("reason"))
        }
    }

    private func report(_ subject: RoomService.ReportSubject, _ call: Call, reason: String) async throws -> Reply {
        try await rooms.report(subject, reason: reason, by: call.userID)
        return .empty
    }
}
