import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import Rooms

/// Tags are account data of a room.
///
/// https://spec.matrix.org/v1.19/client-server-api/#room-tagging
struct TagsRoutes: Routes {
    let accounts: AccountService
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getRoomTags, use: getRoomTags)
        table.on(.setRoomTag, use: setRoomTag)
        table.on(.deleteRoomTag, use: deleteRoomTag)
    }

    private func room(of call: Call) async throws -> RoomNumber {
        try await rooms.joinedRoom(call.roomID(), userID: call.ownUserID()).number
    }

    private func getRoomTags(_ call: Call) async throws -> Reply {
        do {
            return .bytes(try await accounts.accountData(EventType.tag, of: call.userID, room: room(of: call)))
        } catch let error as MatrixError where error.code == .notFound {
            return .json(["tags": [:]])
        }
    }

    private func setRoomTag(_ call: Call) async throws -> Reply {
        let tag = call.parameters["tag"]
        guard tag.utf8.count <= 255 else { throw MatrixError.tooLarge("a tag has at most 255 bytes") }
        let content = try call.bodyOrEmpty()
        try await change(call) { $0[tag] = .object(content) }
        return .empty
    }

    private func deleteRoomTag(_ call: Call) async throws -> Reply {
        let tag = call.parameters["tag"]
        try await change(call) { $0[tag] = nil }
        return .empty
    }

    private static let maximumTags = 100

    private func change(_ call: Call, _ body: @escaping @Sendable (inout JSONObject) -> Void) async throws {
        try await accounts.updateAccountData(EventType.tag, of: call.userID, room: room(of: call)) { present in
            let content = try present.map { try JSONParser.parse($0) }?.objectValue ?? [:]
            var tags = content["tags"]?.objectValue ?? [:]
            body(&tags)
            guard tags.count <= Self.maximumTags else { throw MatrixError.forbidden("too many tags on this room") }
            return JSONObject(members: [("tags", .object(tags))]).bytes()
        }
    }
}
