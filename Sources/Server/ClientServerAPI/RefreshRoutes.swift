import Accounts
import MatrixAPI
import MatrixClientAPI

struct RefreshRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.refresh) { call in
            .json(try await accounts.refresh(call.body().string("refresh_token")).tokensJSON)
        }
    }
}
