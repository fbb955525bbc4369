import MatrixAPI
import MatrixClientAPI
import Rooms

struct RetentionRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.getRetentionConfiguration) { _ in .json(rooms.configuration.retention.json) }
    }
}
