import Accounts
import MatrixAPI
import MatrixClientAPI

struct LogoutRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.logout) { call in
            try await accounts.signOut(call.session)
            return .empty
        }
        table.on(.logoutAll) { call in
            try await accounts.signOutEverywhere(call.userID)
            return .empty
        }
    }
}
