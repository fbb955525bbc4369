import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import Rules

struct CapabilitiesRoutes: Routes {
    let defaultRoomVersion: RoomVersionRules

    func register(on table: inout RouteTable) {
        let (others, administrators) = (reply(toAdministrator: false), reply(toAdministrator: true))
        table.on(.getCapabilities) { call in call.session.standing.isAdministrator ? administrators : others }
    }

    private func reply(toAdministrator isAdministrator: Bool) -> Reply {
        let versions = RoomVersionRules.supported.map { ($0.identifier, JSONValue.string("stable")) }
        var capabilities: JSONObject = [
            "m.room_versions": [
                "default": .string(defaultRoomVersion.identifier),
                "available": .object(JSONObject(members: versions)),
            ],
            "m.change_password": ["enabled": true],
            "m.set_displayname": ["enabled": true],
            "m.set_avatar_url": ["enabled": true],
            "m.profile_fields": ["enabled": true],
            "m.3pid_changes": ["enabled": false],
            "m.get_login_token": ["enabled": true],
        ]
        if isAdministrator { capabilities["m.account_moderation"] = ["suspend": true, "lock": true] }
        return .json(["capabilities": .object(capabilities)])
    }
}
