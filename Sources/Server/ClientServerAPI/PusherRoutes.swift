import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import Push

struct PusherRoutes: Routes {
    let push: PushService

    func register(on table: inout RouteTable) {
        table.on(.getPushers) { call in
            .json(["pushers": .array(try await push.pushers(of: call.userID).map { .object(try Self.json($0)) })])
        }
        table.on(.postPusher, use: postPusher)
    }

    private func postPusher(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let key = PusherKey(appID: try body.string("app_id"), pushkey: try body.string("pushkey"))
        guard let kind = body["kind"] else { throw MatrixError.missingParameter("'kind' is missing") }
        if kind.isNull {
            try await push.deletePusher(key, of: call.userID)
            return .empty
        }
        _ = try call.session.requiredDeviceID()
        let settings = PusherSettings(
            key: key, kind: try body.string("kind"), appDisplayName: try body.string("app_display_name"),
            deviceDisplayName: try body.string("device_display_name"),
            profileTag: try body.optionalString("profile_tag"), lang: try body.string("lang"),
            data: try body.object("data").bytes())
        try await push.setPusher(
            settings, of: call.userID, device: call.session.device,
            keepsOthers: try body.optionalBool("append") ?? false)
        return .empty
    }

    private static func json(_ pusher: PusherRecord) throws -> JSONObject {
        let settings = pusher.settings
        var json: JSONObject = [
            "pushkey": .string(settings.key.pushkey.string), "app_id": .string(settings.key.appID.string),
            "kind": .string(settings.kind), "app_display_name": .string(settings.appDisplayName),
            "device_display_name": .string(settings.deviceDisplayName), "lang": .string(settings.lang),
            "data": try JSONParser.parse(settings.data),
        ]
        json["profile_tag"] = settings.profileTag.map { .string($0) }
        return json
    }
}
