import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import Rooms

struct AccountDataRoutes: Routes {
    let accounts: AccountService
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.setAccountData) { call in try await set(call, room: nil) }
        table.on(.getAccountData) { call in try await get(call, room: nil) }
        table.on(.setAccountDataPerRoom) { call in
            try await set(call, room: rooms.joinedRoom(call.roomID(), userID: call.ownUserID()).number)
        }
        table.on(.getAccountDataPerRoom) { call in
            _ = try call.ownUserID()
            return try await get(call, room: rooms.room(call.roomID()).number)
        }
    }

    private func set(_ call: Call, room: RoomNumber?) async throws -> Reply {
        let type = call.parameters["type"]
        // These two have endpoints of their own.
        guard type != EventType.fullyRead, type != EventType.pushRules else {
            throw MatrixError(405, .badJSON, "'\(type)' cannot be set here")
        }
        try await accounts.setAccountData(type, of: call.ownUserID(), room: room, content: call.body())
        return .empty
    }

    private func get(_ call: Call, room: RoomNumber?) async throws -> Reply {
        let (type, userID) = (call.parameters["type"], try call.ownUserID())
        if type == EventType.pushRules, room == nil {
            return .json(["global": .object(try await accounts.pushRules(of: userID).json)])
        }
        return .bytes(try await accounts.accountData(type, of: userID, room: room))
    }
}
