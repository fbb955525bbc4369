import CanonicalJSON
import MatrixIdentifiers

/// What a state event is to people.
struct StateLine {
    let event: StoredEvent
    let key: String
    let members: MemberDirectory

    /// Nil for what nobody wants to read.
    var content: TimelineContent? {
        guard event.type == "m.room.member" else { return notice }
        guard let change = membershipChange, change.kind != .none else { return nil }
        return .membership(change)
    }

    private var notice: TimelineContent? {
        let content = event.content
        let text: String?
        switch event.type {
        case "m.room.name": text = content.string(at: "name")
        case "m.room.topic": text = content.string(at: "topic")
        case "m.room.avatar": text = content.string(at: "url")
        case "m.room.join_rules": text = content.string(at: "join_rule")
        case "m.room.history_visibility": text = content.string(at: "history_visibility")
        case "m.room.encryption": text = content.string(at: "algorithm")
        case "m.room.canonical_alias": text = content.string(at: "alias")
        case "m.room.tombstone": text = content.string(at: "body")
        case "m.room.create", "m.room.guest_access", "m.room.power_levels", "m.room.pinned_events": text = nil
        default: return nil
        }
        return .state(StateNotice(type: event.type, stateKey: key, text: text))
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#mroommember
    private var membershipChange: MembershipChange? {
        guard let userID = UserID(key), let sender = event.sender,
            let now = event.content.string(at: "membership").flatMap(Membership.init)
        else { return nil }
        let before = event.event["unsigned"]?["prev_content"]?.objectValue
        let was = before?.string(at: "membership").flatMap(Membership.init) ?? .leave
        let isOwnDoing = sender == userID
        let kind: MembershipChange.Kind =
            switch (was, now) {
            case (.join, .join): profileChange(from: before ?? [:], to: event.content)
            case (_, .join): .joined
            case (.invite, .invite), (.leave, .leave), (.ban, .ban), (.knock, .knock): .none
            case (_, .invite): .invited
            case (_, .knock): .knocked
            case (_, .ban): .banned
            case (.ban, .leave): .unbanned
            case (.invite, .leave): isOwnDoing ? .inviteRejected : .inviteWithdrawn
            case (_, .leave): isOwnDoing ? .left : .kicked
            }
        let name = event.content.string(at: "displayname") ?? before?.string(at: "displayname")
        return MembershipChange(
            kind: kind, userID: userID, name: name ?? members.name(of: userID),
            reason: event.content.string(at: "reason"))
    }

    private func profileChange(from before: JSONObject, to now: JSONObject) -> MembershipChange.Kind {
        let (old, new) = (before.string(at: "displayname"), now.string(at: "displayname"))
        if before["displayname"] != now["displayname"] { return .renamed(from: old, to: new) }
        return before["avatar_url"] != now["avatar_url"] ? .changedAvatar : .none
    }
}
