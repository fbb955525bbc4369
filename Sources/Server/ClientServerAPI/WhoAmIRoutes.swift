import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

struct WhoAmIRoutes: Routes {
    func register(on table: inout RouteTable) {
        table.on(.getTokenOwner) { call in
            .json([
                "user_id": .string(call.session.userID.string), "device_id": .string(call.session.deviceID),
                "is_guest": false,
            ])
        }
    }
}
