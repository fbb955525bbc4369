import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// What is asked of the server, in each of the forms.
struct SyncRequest: Sendable {
    let userID: UserID
    let progress: SyncProgress
    let waitMilliseconds: Int64

    /// Latest events of the rooms at the top of the list, which are those with news.
    private static let timelineLimit: Int64 = 20
    /// Of the others, which come once to be listed.
    private static let shortTimelineLimit: Int64 = 4
    private static let connectionID = "naru"

    private static let stateTypes = [
        "m.room.create", "m.room.name", "m.room.canonical_alias", "m.room.topic", "m.room.avatar", "m.room.encryption",
        "m.room.power_levels", "m.room.join_rules", "m.room.history_visibility", "m.room.tombstone",
        "m.room.pinned_events",
    ]

    var call: ServerCaller.Call {
        var call =
            switch progress.form {
            case .slidingV4: slidingV4
            case .slidingUnstable: slidingUnstable
            case .v3: v3
            }
        // The server's answer may take its time after the wait, over a slow network.
        call.timeout = .milliseconds(waitMilliseconds + 60_000)
        call.maximumResponseBytes = 128 << 20
        return call
    }

    private var slidingV4: ServerCaller.Call {
        var body = common { list, last, limit in
            list["range"] = [0, .integer(last)]
            list["timeline_limit"] = .integer(limit)
            var include: [JSONValue] = Self.stateTypes.map { ["type": .string($0), "state_key": ""] }
            include.append(["type": "m.room.member", "state_key": .string(userID.string)])
            list["required_state"] = ["include": .array(include), "lazy_members": true]
        }
        body["timeout"] = .integer(waitMilliseconds)
        if let position = progress.position { body["pos"] = .string(position) }
        return ServerCaller.Call(method: "POST", target: Endpoint.slidingSync.path, body: body.bytes())
    }

    private var slidingUnstable: ServerCaller.Call {
        let body = common { list, last, limit in
            list["ranges"] = [[0, .integer(last)]]
            list["timeline_limit"] = .integer(limit)
            var state: [JSONValue] = Self.stateTypes.map { [.string($0), ""] }
            state += [["m.room.member", "$LAZY"], ["m.room.member", .string(userID.string)]]
            list["required_state"] = .array(state)
        }
        var query = [("timeout", "\(waitMilliseconds)")]
        if let position = progress.position { query.append(("pos", position)) }
        return ServerCaller.Call(
            method: "POST", target: Endpoint.slidingSyncUnstable.target([:], query: query), body: body.bytes())
    }

    /// - Parameter fill: writes a list's window, its last index given, and how many events are wanted.
    private func common(_ fill: (inout JSONObject, Int64, Int64) -> Void) -> JSONObject {
        var lists: JSONObject = [:]
        var recent: JSONObject = [:]
        fill(&recent, Int64(min(progress.window, SyncProgress.firstWindow)) - 1, Self.timelineLimit)
        lists["recent"] = .object(recent)
        if progress.window > SyncProgress.firstWindow {
            var all: JSONObject = [:]
            fill(&all, Int64(progress.window) - 1, Self.shortTimelineLimit)
            lists["all"] = .object(all)
        }
        var toDevice: JSONObject = ["enabled": true, "limit": 100]
        if let since = progress.toDeviceSince { toDevice["since"] = .string(since) }
        return [
            "conn_id": .string(Self.connectionID), "lists": .object(lists),
            "extensions": [
                "to_device": .object(toDevice), "e2ee": ["enabled": true], "account_data": ["enabled": true],
                "receipts": ["enabled": true], "typing": ["enabled": true],
            ],
        ]
    }

    private var v3: ServerCaller.Call {
        let filter: JSONObject = [
            "room": [
                "timeline": ["limit": .integer(Self.timelineLimit), "lazy_load_members": true],
                "state": ["lazy_load_members": true],
            ],
            "presence": ["not_types": ["*"]],
        ]
        var query = [
            ("timeout", "\(waitMilliseconds)"), ("filter", String(decoding: filter.bytes(), as: UTF8.self)),
        ]
        if let position = progress.position { query.append(("since", position)) }
        return ServerCaller.Call(method: "GET", target: Endpoint.sync.target([:], query: query))
    }
}
