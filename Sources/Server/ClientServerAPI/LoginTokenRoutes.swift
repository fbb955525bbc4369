import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

struct LoginTokenRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.generateLoginToken, use: generateLoginToken)
    }

    private func generateLoginToken(_ call: Call) async throws -> Reply {
        let (userID, authorized) = try await OwnerAuthentication(accounts: accounts)
            .authorize(call, operation: "generateLoginToken", body: call.bodyOrEmpty())
        let token = try await accounts.issueLoginToken(for: userID)
        // Consent is asked for each token anew.
        accounts.interactiveAuthentication.finish(sessionID: authorized.sessionID)
        return .json(["login_token": .string(token), "expires_in_ms": .integer(AccountService.loginTokenLifetime)])
    }
}
