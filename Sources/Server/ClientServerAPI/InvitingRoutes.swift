import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct InvitingRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.inviteUser) { call in
            let body = try call.body()
            if body["medium"] != nil {
                throw MatrixError(400, .threepidMediumNotSupported, "people can be invited by their user ID only")
            }
            let target = try MembershipTarget(body)
            try await rooms.invite(target.userID, to: call.roomID(), by: call.userID, reason: target.reason)
            return .empty
        }
    }
}

/// Whom a membership request is about, and why.
struct MembershipTarget {
    let userID: UserID
    let reason: String?

    init(_ body: JSONObject) throws(MatrixError) {
        userID = try body.identifier("user_id", UserID.self)
        reason = try body.optionalString("reason")
    }
}
