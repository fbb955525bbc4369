import ApplicationServices
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct DirectoryRoutes: Routes {
    let rooms: RoomService
    let applicationServices: ApplicationServiceTable

    func register(on table: inout RouteTable) {
        table.on(.setRoomAlias) { call in
            let roomID = try call.body().identifier("room_id", RoomID.self)
            let alias = try alias(call)
            try applicationServices.check(alias, madeBy: call.applicationService)
            try await rooms.createAlias(alias, for: roomID, by: call.userID)
            return .empty
        }
        table.on(.getRoomIDByAlias) { call in
            let roomID = try await rooms.resolve(alias(call))
            return .json([
                "room_id": .string(roomID.string), "servers": [.string(rooms.serverName.string)],
            ])
        }
        table.on(.deleteRoomAlias) { call in
            let alias = try alias(call)
            try applicationServices.check(alias, madeBy: call.applicationService)
            try await rooms.deleteAlias(alias, by: call.userID, isOwn: call.applicationService != nil)
            return .empty
        }
        table.on(.getLocalAliases) { call in
            let aliases = try await rooms.aliases(of: call.roomID(), userID: call.userID)
            return .json(["aliases": .array(aliases.map { .string($0.string) })])
        }
    }

    private func alias(_ call: Call) throws(MatrixError) -> RoomAlias {
        try call.identifier("roomAlias", RoomAlias.self)
    }
}
