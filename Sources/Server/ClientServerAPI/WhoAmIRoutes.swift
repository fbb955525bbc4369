import CanonicalJSON
import MatrixAPI
import MatrixClientAPI

struct WhoAmIRoutes: Routes {
    func register(on table: inout RouteTable) {
        table.on(.getTokenOwner) { call in
            var json: JSONObject = ["user_id": .string(call.session.userID.string), "is_guest": false]
            json["device_id"] = call.session.deviceID.map { .string($0) }
            return .json(json)
        }
    }
}
