import Accounts
import MatrixAPI
import MatrixClientAPI
import Sync

struct SyncRoutes: Routes {
    let sync: SyncService
    let accounts: AccountService
    private let filters = SyncFilterCache()

    init(sync: SyncService, accounts: AccountService) {
        self.sync = sync
        self.accounts = accounts
    }

    func register(on table: inout RouteTable) {
        table.on(.sync, use: sync)
    }

    private func sync(_ call: Call) async throws -> Reply {
        var request = SyncRequest(userID: call.userID, device: call.session.device)
        request.since = try call.query["since"].map { try SyncToken(parsing: $0, name: "since") }
        request.timeoutMilliseconds = max(0, try call.integer("timeout") ?? 0)
        request.wantsFullState = try call.bool("full_state") ?? false
        if let presence = call.query["set_presence"], !presence.isEmpty {
            request.presence = try call.presence(presence)
        }
        request.filter = try await filter(of: call)
        // The specification's name, and the one that clients used before it.
        if try call.bool("use_state_after") == true {
            request.stateAfterName = "state_after"
        } else if try call.bool("org.matrix.msc4222.use_state_after") == true {
            request.stateAfterName = "org.matrix.msc4222.state_after"
        }
        return .bytes(try await sync.sync(request))
    }

    /// A filter's ID, or the filter itself.
    private func filter(of call: Call) async throws -> SyncFilter {
        guard let text = call.query["filter"], !text.isEmpty else { return .all }
        if text.utf8.first == UInt8(ascii: "{") { return try filters.written(text) }
        return try await filters.stored(text, of: call.userID) { try await accounts.filter(text, of: call.userID) }
    }
}
