import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// What administrators may do as clients.
struct AdminRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.getWhoIs, use: getWhoIs)
        table.on(.getAdminSuspendUser) { call in
            .json(["suspended": .bool(try await moderated(call, changes: false).standing.isSuspended)])
        }
        table.on(.setAdminSuspendUser) { call in
            let isSuspended = try call.body().bool("suspended")
            let account = try await moderated(call, changes: true)
            try await accounts.setSuspended(isSuspended, account.userID)
            return .json(["suspended": .bool(isSuspended)])
        }
        table.on(.getAdminLockUser) { call in
            .json(["locked": .bool(try await moderated(call, changes: false).standing.isLocked)])
        }
        table.on(.setAdminLockUser) { call in
            let isLocked = try call.body().bool("locked")
            let account = try await moderated(call, changes: true)
            try await accounts.setLocked(isLocked, account.userID)
            return .json(["locked": .bool(isLocked)])
        }
    }

    /// The account in the path, when the caller may decide about it. Whether he may is looked at before anything else,
    /// so that nobody learns who is here.
    private func moderated(_ call: Call, changes: Bool) async throws -> AccountRecord {
        guard call.session.standing.isAdministrator else { throw Self.notAdministrator }
        let userID = try call.identifier("userId", UserID.self)
        guard userID.serverName == accounts.serverName else {
            throw MatrixError.invalidParameter("\(userID) is not a user of this server")
        }
        guard let account = try await accounts.account(userID), !account.isDeactivated else {
            throw MatrixError.notFound("there is no such user")
        }
        if changes, userID == call.userID { throw MatrixError.forbidden("you cannot do this to yourself") }
        guard userID == call.userID || !account.standing.isAdministrator else {
            throw MatrixError.forbidden("\(userID) is an administrator too")
        }
        return account
    }

    private static let notAdministrator = MatrixError.forbidden("this is for the server's administrators")

    /// Users may look at themselves, administrators at everybody.
    private func getWhoIs(_ call: Call) async throws -> Reply {
        guard call.parameters["userId"] == call.userID.string || call.session.standing.isAdministrator else {
            throw Self.notAdministrator
        }
        let userID = try call.identifier("userId", UserID.self)
        guard userID.serverName == accounts.serverName else {
            throw MatrixError.invalidParameter("\(userID) is not a user of this server")
        }
        guard try await accounts.account(userID) != nil else { throw MatrixError.notFound("there is no such user") }
        let devices = try await accounts.devices(of: userID).map { device -> (String, JSONValue) in
            var connection = JSONObject()
            connection["ip"] = device.lastSeenAddress.map { .string($0) }
            connection["last_seen"] = device.lastSeenAt.map { .integer($0) }
            let connections: [JSONValue] = connection.isEmpty ? [] : [.object(connection)]
            return (device.deviceID, ["sessions": [["connections": .array(connections)]]])
        }
        return .json(["user_id": .string(userID.string), "devices": .object(JSONObject(members: devices))])
    }
}
