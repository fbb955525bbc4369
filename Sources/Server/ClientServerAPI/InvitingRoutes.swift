import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct InvitingRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.inviteUser, or: .inviteBy3PID) { call in
            let body = try call.body()
            guard body["medium"] == nil, body["id_server"] == nil else {
                throw try await refusalOfAddress(body, call)
            }
            let target = try MembershipTarget(body)
            try await rooms.invite(target.userID, to: call.roomID(), by: call.userID, reason: target.reason)
            return .empty
        }
    }
}

extension InvitingRoutes {
    /// Addresses are asked of an identity server, and none is asked from here: it would learn who knows whom. People are
    /// known by their user ID. A request that no server could grant is refused for what is wrong with it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidinvite-1
    private func refusalOfAddress(_ body: JSONObject, _ call: Call) async throws -> MatrixError {
        for name in ["id_server", "id_access_token", "medium", "address"] { _ = try body.string(name) }
        _ = try await rooms.joinedRoom(call.roomID(), userID: call.userID)
        return MatrixError(
            403, .serverNotTrusted, "this server trusts no identity server; invite people by their user ID")
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
