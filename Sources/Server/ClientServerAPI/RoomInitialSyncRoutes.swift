import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rooms

struct RoomInitialSyncRoutes: Routes {
    let rooms: RoomService
    let presenter: EventPresenter

    func register(on table: inout RouteTable) {
        table.on(.roomInitialSync) { call in
            let snapshot = try await rooms.snapshot(
                of: call.roomID(), viewer: presenter.viewer(call),
                messageLimit: call.pageSize(default: 10, maximum: 100))
            let format = try await presenter.format(of: snapshot.messages, for: call)
            var writer = JSONWriter(reservingCapacity: 4096)
            snapshot.write(format, to: &writer)
            return .bytes(writer.bytes)
        }
    }
}
