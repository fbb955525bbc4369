import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// What a user has decided about notifications.
struct PushSettings: Sendable {
    let rules: PushRuleset
    let ignoredUsers: Set<UserID>

    /// What the rules ask about an event; nil when the user is not to be told of it whatever they say: his own, of
    /// somebody he ignores, and of a time when he was not in the room.
    ///
    /// The member count and the power levels are the room's present ones, which for an event that has just been sent
    /// are those of its time.
    private func facts(about event: RoomEvent, in room: Room) -> PushEventFacts? {
        let userID = rules.userID
        guard event.sender != userID, event.redactedBecause == nil, !ignoredUsers.contains(event.sender),
            let levels = room.powerLevels
        else { return nil }
        let (member, count) = room.read { ($0.state[EventType.roomMember, userID.string], $0.joinedCount) }
        guard let member, Self.concerns(event, member: member) else { return nil }
        return PushEventFacts(
            roomID: room.roomID, sender: event.sender, type: event.type, stateKey: event.stateKey,
            content: event.content, memberCount: count, displayName: member.content["displayname"]?.stringValue,
            powerLevels: levels)
    }

    /// - Parameter member: the user's present member event.
    static func concerns(_ event: RoomEvent, member: RoomEvent) -> Bool {
        switch member.pdu.membership {
        case .join:
            // A later member event of somebody who was in the room before is a new name.
            return member.position <= event.position || member.replaced?.content["membership"] == "join"
        case .invite: return event.position == member.position
        case .knock, .leave, .ban, nil: return false
        }
    }

    /// The rule that has the user notified of an event; nil when none does.
    func notifyingRule(for event: RoomEvent, in room: Room) -> PushRule? {
        let match = facts(about: event, in: room).flatMap(rules.firstMatch)
        return match.flatMap { $0.rule.pushActions.notify ? $0.rule : nil }
    }

    /// What a pusher tells of an event besides the event; nil when it is not pushed.
    ///
    /// Of encrypted events only the client knows whether they mention it, so all are pushed but those that a rule of
    /// the kind `override` silences, which is how clients mute a room (MSC4028).
    func tweaks(for event: RoomEvent, in room: Room) -> JSONObject? {
        guard let facts = facts(about: event, in: room) else { return nil }
        let match = rules.firstMatch(for: facts)
        if let match, match.rule.pushActions.notify { return match.rule.tweaks }
        return event.type == EventType.roomEncrypted && match?.kind != .override ? [:] : nil
    }
}

extension RoomEvent {
    /// The thread that a receipt must be in to cover the event.
    var threadID: String {
        let relation = content["m.relates_to"]?.objectValue
        guard relation?["rel_type"] == "m.thread", let root = relation?["event_id"]?.stringValue else { return "main" }
        return root
    }
}

extension Room {
    /// Whether a user's receipts cover an event.
    func isRead(_ event: RoomEvent, by userID: UserID) -> Bool {
        let threadID = event.threadID
        return read { $0.receipts.receipts(of: userID) }.contains { receipt in
            receipt.eventPosition >= event.position
                && (receipt.threadID.map { utf8Equal($0, threadID) } ?? true)
        }
    }
}
