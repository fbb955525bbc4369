import Accounts
import MatrixAPI
import MatrixClientAPI
import Sync

struct FilterRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.defineFilter) { call in
            let filter = try call.body()
            // Said now, not at the sync that would use it.
            _ = try SyncFilter(json: filter)
            let filterID = try await accounts.storeFilter(filter, of: call.ownUserID())
            return .json(["filter_id": .string(filterID)])
        }
        table.on(.getFilter) { call in
            .json(try await accounts.filter(call.parameters["filterId"], of: call.ownUserID()))
        }
    }
}
