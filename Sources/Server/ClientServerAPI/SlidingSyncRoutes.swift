import MatrixAPI
import MatrixClientAPI
import Sync

struct SlidingSyncRoutes: Routes {
    let sync: SyncService

    func register(on table: inout RouteTable) {
        table.on(.slidingSync) { try await answer($0, .v4) }
        table.on(.slidingSyncUnstable) { try await answer($0, .unstable) }
    }

    private func answer(_ call: Call, _ form: SlidingSyncRequest.Form) async throws -> Reply {
        let request = try SlidingSyncRequest(
            form, userID: call.userID, device: call.session.device, body: try call.bodyOrEmpty(),
            query: { call.query[$0] })
        return .bytes(try await sync.slidingSync(request))
    }
}
