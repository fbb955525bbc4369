import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest

extension Stage {
    /// Checks one event that a client has been sent against the one that was sent to the room.
    func check(_ json: JSONValue, in room: World.Room) throws -> World.Event {
        let eventID = json["event_id"]?.stringValue ?? "none"
        guard let event = room.event(eventID) else { throw Disagreement("no event \(eventID) in \(room.id)") }
        let what = "event \(eventID) of type \(event.type)"
        try agree(json["type"]?.stringValue, event.type, "type of \(what)")
        try agree(json["sender"]?.stringValue, event.sender, "sender of \(what)")
        try agree(json["state_key"]?.stringValue, event.stateKey, "state key of \(what)")
        let redaction = json["unsigned"]?["redacted_because"]?["event_id"]?.stringValue
        try agree(redaction, event.redactedBy, "redaction of \(what)")
        try agree(json["content"]?.objectValue, Self.content(of: event), "content of \(what)")
        return event
    }

    /// What is left of an event's content.
    ///
    /// https://spec.matrix.org/v1.19/rooms/v12/#redactions
    private static func content(of event: World.Event) -> JSONObject {
        let keepsAll = ["m.room.redaction", "m.room.history_visibility"].contains(event.type)
        return event.redactedBy == nil || keepsAll ? event.content : [:]
    }

    /// Checks an event of a timeline: that the user may see it, and what he was at it.
    func checkVisible(
        _ json: JSONValue, in room: World.Room, to user: String, visible: Set<String>
    ) throws -> World.Event {
        let event = try check(json, in: room)
        try hold(visible.contains(event.eventID), "\(user) is shown \(event.eventID) of \(room.id)")
        try hold(!world.isIgnored(event, by: user), "\(user) is shown \(event.eventID) of an ignored user")
        if let membership = json["unsigned"]?["membership"]?.stringValue {
            let model = room.membership(of: user, upTo: event.tick)?.membership ?? "leave"
            try agree(membership, model, "membership at \(event.eventID)")
        }
        return event
    }

    /// The events that `/messages` shows before `from`, the earliest first.
    ///
    /// - Parameters:
    ///   - to: where to stop; nil for the room's beginning.
    ///   - known: stops at one of these.
    func history(
        of room: World.Room, for user: TestUser, from: String, to: String?, known: Set<String> = []
    ) async throws -> [String] {
        let visible = Set(room.visibleEvents(to: user.userID.string).map(\.eventID))
        var from = from
        var events: [String] = []
        while true {
            var query = [("dir", "b"), ("limit", "7"), ("from", from)]
            if let to { query.append(("to", to)) }
            let reply = try await call(
                "GET", "/_matrix/client/v3/rooms/\(room.id)/messages", query: query, as: user)
            try agree(reply.status, 200, "status of /messages in \(room.id)")
            for json in reply.json["chunk"]?.arrayValue ?? [] {
                let event = try checkVisible(json, in: room, to: user.userID.string, visible: visible)
                if known.contains(event.eventID) { return events.reversed() }
                try checkThread(json, event, in: room, for: user.userID.string, visible: visible)
                events.append(event.eventID)
            }
            guard let end = reply.json["end"]?.stringValue else { return events.reversed() }
            try hold(end != from, "/messages does not get on at \(end)")
            from = end
        }
    }

    /// Checks what is shown with the root of a thread.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#server-side-aggregation-of-mthread-relationships
    func checkThread(
        _ json: JSONValue, _ event: World.Event, in room: World.Room, for user: String, visible: Set<String>
    ) throws {
        let replies = room.events.filter { reply in
            reply.relatesTo?["rel_type"] == "m.thread" && reply.relatesTo?["event_id"]?.stringValue == event.eventID
                && reply.redactedBy == nil && !world.isIgnored(reply, by: user) && visible.contains(reply.eventID)
        }
        let thread = json["unsigned"]?["m.relations"]?["m.thread"]
        try agree(thread?["count"]?.integerValue ?? 0, Int64(replies.count), "replies to \(event.eventID)")
        try agree(
            thread?["latest_event"]?["event_id"]?.stringValue, replies.last?.eventID, "last reply to \(event.eventID)")
    }
}

/// The receipts of `m.receipt` events.
func receipts(in contents: [JSONObject]) -> [World.ReceiptKey: String] {
    var receipts: [World.ReceiptKey: String] = [:]
    for content in contents {
        for event in content.members {
            for type in event.value.objectValue?.members ?? [] {
                for user in type.value.objectValue?.members ?? [] {
                    let thread = user.value["thread_id"]?.stringValue
                    receipts[.init(user: user.key, type: type.key, thread: thread)] = event.key
                }
            }
        }
    }
    return receipts
}

/// Account data events by type, without the push rules, which are the server's.
func accountContents(in events: [JSONValue]) -> [String: JSONObject] {
    var contents: [String: JSONObject] = [:]
    for event in events {
        guard let type = event["type"]?.stringValue, type != "m.push_rules" else { continue }
        contents[type] = event["content"]?.objectValue
    }
    return contents
}
