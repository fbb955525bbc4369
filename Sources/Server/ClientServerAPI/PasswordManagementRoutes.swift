import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

struct PasswordManagementRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.changePassword, use: changePassword)
    }

    private func changePassword(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let (userID, authorized) = try await OwnerAuthentication(accounts: accounts)
            .authorize(call, operation: "changePassword", body: body)
        let request = authorized.request
        try await accounts.resetPassword(
            of: userID, to: request.string("new_password"),
            signsOutDevices: request.optionalBool("logout_devices") ?? true, keeping: call.sessionIfAny?.device)
        accounts.interactiveAuthentication.finish(sessionID: authorized.sessionID)
        return .empty
    }
}

/// User-interactive authentication of the owner of an account, with or without an access token.
struct OwnerAuthentication {
    let accounts: AccountService

    /// - Returns: whose account it is, and what is asked.
    func authorize(
        _ call: Call, operation: String, body: JSONObject
    ) async throws -> (UserID, InteractiveAuthentication.Authorized) {
        let owner = call.sessionIfAny?.userID
        var demand = InteractiveAuthentication.Demand(
            operation: "\(operation) \(owner?.string ?? "")", flows: [[.password]])
        demand.userID = owner
        let authorized = try await accounts.interactiveAuthentication.authorize(demand, body: body) { _, auth in
            let userID = try owner ?? PasswordStage.userID(in: auth, serverName: accounts.serverName)
            try await PasswordStage.verify(auth, accounts: accounts, userID: userID, address: call.address)
            return userID.string
        }
        let note = accounts.interactiveAuthentication.note(of: .password, sessionID: authorized.sessionID)
        guard let userID = owner ?? note.flatMap(UserID.init) else {
            throw MatrixError.forbidden("whose account it is must be said with the password")
        }
        return (userID, authorized)
    }
}
