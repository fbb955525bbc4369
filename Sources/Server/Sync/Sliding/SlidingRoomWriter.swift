import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// Writes one room of an answer, with the names that the form of the request has for things.
struct SlidingRoomWriter {
    let form: SlidingSyncRequest.Form
    let format: ClientEventFormat
    private var writer = JSONWriter(reservingCapacity: 2_048)

    init(form: SlidingSyncRequest.Form, format: ClientEventFormat) {
        self.form = form
        self.format = format
    }

    /// The room's object.
    var bytes: [UInt8] { [UInt8(ascii: "{")] + writer.bytes + [UInt8(ascii: "}")] }

    mutating func member(_ key: String, _ value: JSONValue) { writer.member(key, value) }
    mutating func flag(_ key: String) { writer.member(key, true) }
    mutating func bumpStamp(_ position: StreamPosition) { writer.member("bump_stamp", .integer(position.rawValue)) }

    mutating func membership(_ membership: Membership, lists: [String]) {
        guard form == .v4 else { return }
        member("membership", .string(membership.rawValue))
        if !lists.isEmpty { member("lists", .array(lists.map { .string($0) })) }
    }

    // MARK: Names and numbers

    /// Name, avatar, heroes and how many are in the room, as far as they have changed.
    ///
    /// - Parameters:
    ///   - changed: nil when all of it is new to the client.
    ///   - since: where the client has got to with the room. What was redacted later has changed, too.
    mutating func names(of room: Room, userID: UserID, changed: [RoomEvent]?, since: StreamPosition?) {
        func hasChanged(_ type: String) -> Bool {
            guard let changed, let since else { return true }
            let redactedAt = room.read { $0.state[type]?.redactedBecause?.position }
            return changed.contains { $0.type == type } || redactedAt.map { $0 > since } ?? false
        }
        let (name, avatar) = room.read { view in
            (view.state[EventType.roomName]?.content["name"], view.state[EventType.roomAvatar]?.content["url"])
        }
        let nameText = name?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        if hasChanged(EventType.roomName) { text("name", nameText, isNew: changed == nil) }
        if hasChanged(EventType.roomAvatar) { text("avatar", avatar?.stringValue, isNew: changed == nil) }
        let membersChanged = hasChanged(EventType.roomMember)
        guard membersChanged || hasChanged(EventType.roomName) || hasChanged(EventType.roomCanonicalAlias) else {
            return
        }
        let summary = RoomSummary(room: room, userID: userID)
        if nameText == nil, !summary.heroes.isEmpty {
            let heroes = room.read { view in
                summary.heroes.map { ($0, view.state[EventType.roomMember, $0.string]?.content) }
            }
            member("heroes", .array(heroes.map { .object(Self.hero($0, $1)) }))
        }
        guard membersChanged else { return }
        member("joined_count", .integer(Int64(summary.joinedCount)))
        member("invited_count", .integer(Int64(summary.invitedCount)))
    }

    /// Of a room that is new, what is absent is left out; else it has been taken away, which MSC4186 writes as null.
    private mutating func text(_ key: String, _ value: String?, isNew: Bool) {
        if let value {
            member(key, .string(value))
        } else if !isNew, form == .v4 || key == "avatar" {
            member(key, .null)
        }
    }

    private static func hero(_ userID: UserID, _ content: JSONObject?) -> JSONObject {
        var hero: JSONObject = ["user_id": .string(userID.string)]
        for key in ["displayname", "avatar_url"] {
            if let value = content?[key]?.stringValue { hero[key] = .string(value) }
        }
        return hero
    }

    // MARK: Events

    /// - Parameter liveAfter: what is later has happened since the client's last request; nil at its first.
    mutating func timeline(_ timeline: SyncTimeline, liveAfter: StreamPosition?) {
        guard !timeline.events.isEmpty || timeline.isLimited else { return }
        writer.array("timeline") { writer in
            for (event, membership) in zip(timeline.events, timeline.memberships) {
                writer.raw { format.write(event, membership: membership, to: &$0) }
            }
        }
        if timeline.isLimited { flag("limited") }
        member("prev_batch", .string(SyncToken(position: timeline.start).description))
        let liveCount = liveAfter.map { position in timeline.events.count { $0.position > position } } ?? 0
        member("num_live", .integer(Int64(liveCount)))
    }

    mutating func requiredState(_ events: [RoomEvent]) {
        writer.array("required_state") { writer in
            for event in events { writer.raw { format.write(event, to: &$0) } }
        }
    }

    mutating func strippedState(_ events: [RoomEvent]) {
        writer.array(form == .v4 ? "stripped_state" : "invite_state") { writer in
            for event in events { writer.raw { StrippedState.write(event, to: &$0) } }
        }
    }
}
