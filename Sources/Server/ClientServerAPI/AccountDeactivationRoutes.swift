import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

struct AccountDeactivationRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.deactivateAccount, use: deactivateAccount)
    }

    private func deactivateAccount(_ call: Call) async throws -> Reply {
        let (userID, authorized) = try await OwnerAuthentication(accounts: accounts)
            .authorize(call, operation: "deactivateAccount", body: call.bodyOrEmpty())
        try await accounts.deactivate(userID, erases: authorized.request.optionalBool("erase") ?? false)
        accounts.interactiveAuthentication.finish(sessionID: authorized.sessionID)
        // There are no identifiers at identity servers to unbind.
        return .json(["id_server_unbind_result": "success"])
    }
}
