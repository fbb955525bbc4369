import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms
import Rules

struct RoomUpgradesRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.upgradeRoom, use: upgradeRoom)
    }

    private func upgradeRoom(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let version = try body.string("new_version")
        guard let rules = RoomVersionRules.named(version) else {
            throw MatrixError(
                400, .unsupportedRoomVersion, "rooms of version '\(version.prefix(80))' cannot be made here")
        }
        let creators = try (body.optionalStrings("additional_creators") ?? []).map { text throws(MatrixError) in
            guard let userID = UserID(text) else {
                throw .invalidParameter("'additional_creators' holds '\(text.prefix(80))', which is no user ID")
            }
            return userID
        }
        let replacement = try await rooms.upgrade(
            call.roomID(), to: rules, additionalCreators: creators, by: call.userID)
        return .json(["replacement_room": .string(replacement.string)])
    }
}
