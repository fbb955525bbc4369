import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

struct OpenIDRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.requestOpenIDToken, use: requestOpenIDToken)
        table.on(.exchangeOpenIDToken, use: exchangeOpenIDToken)
    }

    private func requestOpenIDToken(_ call: Call) async throws -> Reply {
        let userID = try call.ownUserID()
        _ = try call.bodyOrEmpty()
        return .json([
            "access_token": .string(try await accounts.issueOpenIDToken(for: userID)),
            "token_type": "Bearer",
            "matrix_server_name": .string(accounts.serverName.string),
            "expires_in": .integer(AccountService.openIDTokenLifetime / 1000),
        ])
    }

    private func exchangeOpenIDToken(_ call: Call) async throws -> Reply {
        guard let token = call.query["access_token"] else {
            throw MatrixError(401, .missingToken, "'access_token' is missing")
        }
        return .json(["sub": .string(try await accounts.userID(openIDToken: token).string)])
    }
}
