import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct ProfileRoutes: Routes {
    let accounts: AccountService
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getUserProfile, use: getUserProfile)
        table.on(.getProfileField, use: getProfileField)
        table.on(.setProfileField, use: setProfileField)
        table.on(.deleteProfileField, use: deleteProfileField)
    }

    private func getUserProfile(_ call: Call) async throws -> Reply {
        .json(try await accounts.profile(of: call.identifier("userId", UserID.self)))
    }

    private func getProfileField(_ call: Call) async throws -> Reply {
        let name = call.parameters["keyName"]
        let profile = try await accounts.profile(of: call.identifier("userId", UserID.self))
        guard let value = profile[name] else {
            // The two oldest fields are empty rather than missing.
            if ["displayname", "avatar_url"].contains(name) { return .empty }
            throw MatrixError.notFound("the profile has no such field")
        }
        return .json(JSONObject(members: [(name, value)]))
    }

    private func setProfileField(_ call: Call) async throws -> Reply {
        let userID = try call.ownUserID()
        let name = call.parameters["keyName"]
        let body = try call.body()
        switch name {
        case "displayname", "avatar_url":
            guard body[name] != nil else { throw MatrixError.missingParameter("'\(name)' is missing") }
            let value = try body.optionalString(name)
            guard (value?.utf8.count ?? 0) <= 255 else { throw MatrixError.tooLarge("'\(name)' has at most 255 bytes") }
            try await change(name, to: value.map { .string($0) }, of: userID)
        default:
            guard let value = body[name] else { throw MatrixError.missingParameter("'\(name.prefix(80))' is missing") }
            try await change(name, to: value, of: userID)
        }
        return .empty
    }

    private func deleteProfileField(_ call: Call) async throws -> Reply {
        try await change(call.parameters["keyName"], to: nil, of: call.ownUserID())
        return .empty
    }

    func change(_ name: String, to value: JSONValue?, of userID: UserID) async throws {
        let former = try await accounts.profile(of: userID)[name]
        try await accounts.setProfileField(name, to: value, of: userID)
        if ["displayname", "avatar_url"].contains(name) {
            try await rooms.propagateProfileField(name, from: former, of: userID)
        }
    }
}
