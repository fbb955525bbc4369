import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import OutgoingHTTP
import Rooms

/// The body of a request to a push gateway.
///
/// https://spec.matrix.org/v1.19/push-gateway-api/#post_matrixpushv1notify
struct PushRequest {
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3pushersset
    static let path = "/_matrix/push/v1/notify"

    let pusher: PusherRecord
    /// What the client gave for the gateway.
    let data: PusherData

    /// - Parameters:
    ///   - unread: the user's unread notifications in all rooms.
    ///   - tweaks: what the push rule set.
    func notification(
        of event: RoomEvent, in room: Room, tweaks: JSONObject, unread: Int
    ) -> JSONObject {
        var notification: JSONObject = [
            "event_id": .string(event.eventID.string), "room_id": .string(room.roomID.string),
            "counts": .object(counts(unread, tellsZero: false)), "prio": "high",
            "devices": [.object(device(tweaks: tweaks))],
        ]
        if !data.hasEventIDOnly {
            let (sender, name, alias) = room.read { view in
                (
                    view.state[EventType.roomMember, event.sender.string]?.content["displayname"],
                    view.state[EventType.roomName]?.content["name"],
                    view.state[EventType.roomCanonicalAlias]?.content["alias"]
                )
            }
            notification["type"] = .string(event.type)
            notification["sender"] = .string(event.sender.string)
            notification["content"] = .object(event.content)
            notification["sender_display_name"] = sender.flatMap(Self.text)
            notification["room_name"] = name.flatMap(Self.text)
            notification["room_alias"] = alias.flatMap(Self.text)
            if event.type == EventType.roomMember, let target = event.stateKey {
                notification["user_is_target"] = .bool(utf8Equal(target, pusher.userID.string))
            }
        }
        return ["notification": .object(notification)]
    }

    func badge(unread: Int) -> JSONObject {
        [
            "notification": [
                // The specification wants zeros left out, but gateways take a count that is absent for one that has
                // not changed, and the number would stay on the application's icon.
                "counts": .object(counts(unread, tellsZero: true)), "prio": "low",
                "devices": [.object(device(tweaks: [:]))],
            ]
        ]
    }

    private func counts(_ unread: Int, tellsZero: Bool) -> JSONObject {
        guard !data.disablesBadge, unread > 0 || tellsZero else { return [:] }
        return ["unread": .integer(Int64(unread))]
    }

    private func device(tweaks: JSONObject) -> JSONObject {
        var device: JSONObject = [
            "app_id": .string(pusher.settings.key.appID.string),
            "pushkey": .string(pusher.settings.key.pushkey.string),
            "pushkey_ts": .integer(pusher.pushkeyTimestamp / 1000), "data": .object(data.forGateway),
        ]
        if !data.hasEventIDOnly { device["tweaks"] = .object(tweaks) }
        return device
    }

    private static func text(_ value: JSONValue) -> JSONValue? {
        value.stringValue.flatMap { $0.isEmpty ? nil : .string($0) }
    }
}

/// The `data` of a pusher.
struct PusherData: Sendable {
    private let json: JSONObject

    init(_ json: JSONObject) { self.json = json }

    init(_ bytes: [UInt8]) throws { json = try JSONParser.parse(bytes).objectValue ?? [:] }

    var url: OutgoingURL? { json["url"]?.stringValue.flatMap(OutgoingURL.init) }

    var hasEventIDOnly: Bool { json["format"] == "event_id_only" }

    /// MSC4076: the client counts for itself, since it knows more than the server does.
    var disablesBadge: Bool { json["org.matrix.msc4076.disable_badge_count"] == true }

    /// All that the client gave but the URL.
    var forGateway: JSONObject {
        var data = json
        data["url"] = nil
        return data
    }
}
