import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms
import Sync

struct ThreadsListRoutes: Routes {
    let rooms: RoomService
    let presenter: EventPresenter

    func register(on table: inout RouteTable) {
        table.on(.getThreadRoots, use: getThreadRoots)
    }

    private func getThreadRoots(_ call: Call) async throws -> Reply {
        let onlyParticipated: Bool
        switch call.query["include"] {
        case nil, "all": onlyParticipated = false
        case "participated": onlyParticipated = true
        default: throw MatrixError.invalidParameter("'include' must be all or participated")
        }
        let page = try await rooms.threads(
            in: call.roomID(), viewer: presenter.viewer(call), onlyParticipated: onlyParticipated,
            from: call.token("from"), limit: call.pageSize(default: 20, maximum: 100))
        let format = call.format(presenter.environment).showing(page.aggregations)
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.object { writer in
            writer.key("chunk")
            writer.raw { $0 += format.array(page.roots) }
            if let end = page.end { writer.member("next_batch", .string(SyncToken(position: end).description)) }
        }
        return .bytes(writer.bytes)
    }
}
