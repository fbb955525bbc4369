import MatrixAPI
import MatrixClientAPI
import Rooms

struct TypingRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.setTyping) { call in
            let userID = try call.ownUserID()
            let body = try call.body()
            let isTyping = try body.bool("typing")
            let timeout = try body.optionalInteger("timeout") ?? 30_000
            let room = try await rooms.joinedRoom(call.roomID(), userID: userID)
            if isTyping {
                rooms.typing.start(userID, in: room, timeoutMilliseconds: timeout)
            } else {
                rooms.typing.stop(userID, in: room)
            }
            return .empty
        }
    }
}
