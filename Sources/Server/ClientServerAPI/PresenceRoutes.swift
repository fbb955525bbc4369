import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

/// Where the operator keeps presence off, everybody is offline and what clients say is taken without effect: many say
/// it every few minutes and would show an error.
struct PresenceRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.setPresence, use: setPresence)
        table.on(.getPresence, use: getPresence)
    }

    private func setPresence(_ call: Call) throws -> Reply {
        let userID = try call.ownUserID()
        let body = try call.body()
        let presence = try call.presence(body.string("presence"))
        rooms.presence.set(presence, message: try body.optionalString("status_msg"), of: userID)
        return .empty
    }

    private func getPresence(_ call: Call) async throws -> Reply {
        let userID = try call.identifier("userId", UserID.self)
        if userID != call.userID {
            guard try await rooms.sharesRoom(call.userID, with: userID) else {
                throw MatrixError.forbidden("you see the presence of those only with whom you are in a room")
            }
        }
        return .json(rooms.presence.content(of: userID) ?? ["presence": "offline"])
    }
}

extension Call {
    func presence(_ text: String) throws(MatrixError) -> PresenceState {
        guard let presence = PresenceState(rawValue: text) else {
            throw .invalidParameter("there is no presence '\(text.prefix(40))'")
        }
        return presence
    }
}
