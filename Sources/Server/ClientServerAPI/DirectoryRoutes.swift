import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct DirectoryRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.setRoomAlias) { call in
            let roomID = try call.body().identifier("room_id", RoomID.self)
            try await rooms.createAlias(alias(call), for: roomID, by: call.userID)
            return .empty
        }
        table.on(.getRoomIDByAlias) { call in
            let roomID = try await rooms.resolve(alias(call))
            return .json([
                "room_id": .string(roomID.string), "servers": [.string(rooms.serverName.string)],
            ])
        }
        table.on(.deleteRoomAlias) { call in
            try await rooms.deleteAlias(alias(call), by: call.userID)
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
