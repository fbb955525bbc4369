import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct JoiningRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.joinRoomByID) { call in try await join(call, named: call.roomID().string) }
        table.on(.joinRoom) { call in try await join(call, named: call.parameters["roomIdOrAlias"]) }
    }

    private func join(_ call: Call, named name: String) async throws -> Reply {
        let reason = try call.bodyOrEmpty().optionalString("reason")
        let roomID = try await rooms.resolve(roomIDOrAlias: name)
        try await rooms.join(roomID, userID: call.userID, reason: reason)
        return .json(["room_id": .string(roomID.string)])
    }
}
