import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers

/// The reference model: everything that has happened, as lists, and nothing worked out in advance.
///
/// It is told what the server has accepted, one event after the other, and knows nothing of how the server finds out
/// who sees what. Reading from it is slow and follows the specification's text.
struct World {
    /// One event as it was sent.
    struct Event: Sendable {
        /// When it happened; see ``World/tick``.
        let tick: Int
        let eventID: String
        let type: String
        let sender: String
        let stateKey: String?
        /// As it was sent, whatever has been redacted since.
        let content: JSONObject
        /// The event that redacted this one.
        var redactedBy: String?
        /// The root of the thread that the event is in; nil for the main timeline.
        var thread: String?

        var relatesTo: JSONObject? { content["m.relates_to"]?.objectValue }
        var tuple: StateTuple? { stateKey.map { StateTuple(type, $0) } }
        var membership: String? { type == "m.room.member" ? content["membership"]?.stringValue : nil }
    }

    struct ReceiptKey: Hashable, Sendable {
        let user: String
        let type: String
        /// Nil for an unthreaded receipt.
        let thread: String?
    }

    struct Receipt: Sendable {
        let eventID: String
        let tick: Int
    }

    struct Room: Sendable {
        let roomID: RoomID
        let number: RoomNumber
        /// The whole history, the earliest first.
        var events: [Event] = []
        var readUpTo: StreamPosition = .zero
        var receipts: [ReceiptKey: Receipt] = [:]
        var typing: Set<String> = []
        var forgottenBy: Set<String> = []
        /// By user and type.
        var accountData: [String: [String: JSONObject]] = [:]
    }

    /// Counts what has happened.
    private(set) var tick = 0
    var rooms: [Room] = []
    /// By user and type.
    var accountData: [String: [String: JSONObject]] = [:]
    private(set) var ignored: [String: Set<String>] = [:]
    /// Whom a user has ignored at any time.
    private(set) var everIgnored: [String: Set<String>] = [:]
    private(set) var ignoredChangedAt: [String: Int] = [:]

    // MARK: Noting

    mutating func add(_ json: JSONObject, eventID: String, at index: Int) {
        tick += 1
        var event = Event(
            tick: tick, eventID: eventID, type: json["type"]?.stringValue ?? "",
            sender: json["sender"]?.stringValue ?? "", stateKey: json["state_key"]?.stringValue,
            content: json["content"]?.objectValue ?? [:])
        if event.type == "m.room.redaction",
            let target = rooms[index].events.firstIndex(where: { $0.eventID == event.content["redacts"]?.stringValue }),
            rooms[index].events[target].redactedBy == nil
        {
            rooms[index].events[target].redactedBy = eventID
        }
        if let membership = event.membership, let user = event.stateKey {
            if membership != "join" { rooms[index].typing.remove(user) }
            if membership != rooms[index].membership(of: user)?.membership { rooms[index].forgottenBy.remove(user) }
        }
        // Whoever has sent a message does not type it any more.
        if event.stateKey == nil { rooms[index].typing.remove(event.sender) }
        event.thread = rooms[index].threadRoot(of: event)
        rooms[index].events.append(event)
    }

    /// Receipts only move forward.
    mutating func setReceipt(_ key: ReceiptKey, to eventID: String, at index: Int) {
        let order = rooms[index].events.map(\.eventID)
        if let present = rooms[index].receipts[key], let before = order.firstIndex(of: present.eventID),
            let after = order.firstIndex(of: eventID), before >= after
        {
            return
        }
        tick += 1
        rooms[index].receipts[key] = Receipt(eventID: eventID, tick: tick)
    }

    mutating func setIgnored(_ users: Set<String>, by user: String) {
        tick += 1
        ignored[user] = users
        everIgnored[user, default: []].formUnion(users)
        ignoredChangedAt[user] = tick
    }
}

extension World.Room {
    var id: String { roomID.string }

    func event(_ eventID: String?) -> World.Event? { events.first { $0.eventID == eventID } }

    /// The user's member event that made his membership what it is; a new display name is none.
    func membership(of user: String, upTo tick: Int = .max) -> (membership: String, event: World.Event)? {
        var latest: (membership: String, event: World.Event)?
        for event in events where event.tick <= tick && event.stateKey == user {
            guard let membership = event.membership, membership != latest?.membership else { continue }
            latest = (membership, event)
        }
        return latest
    }

    func isJoined(_ user: String) -> Bool { membership(of: user)?.membership == "join" }

    /// When the user's latest time in the room ended; nil while he is in it, and if he never was.
    func leftAt(_ user: String) -> Int? {
        let own = events.filter { $0.membership != nil && $0.stateKey == user }
        guard let join = own.lastIndex(where: { $0.membership == "join" }), own.indices.contains(join + 1) else {
            return nil
        }
        return own[join + 1].tick
    }

    func state(upTo tick: Int = .max) -> [StateTuple: World.Event] {
        var state: [StateTuple: World.Event] = [:]
        for event in events where event.tick <= tick {
            if let tuple = event.tuple { state[tuple] = event }
        }
        return state
    }

    func memberCount(_ membership: String) -> Int64 {
        Int64(state().values.count { $0.membership == membership })
    }

    /// The events that a user may see.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
    func visibleEvents(to user: String) -> [World.Event] {
        let joins = events.filter { $0.membership == "join" && $0.stateKey == user }.map(\.tick)
        var visibility = "shared"
        var membership: String?
        return events.filter { event in
            func isAllowed() -> Bool {
                if visibility == "world_readable" || membership == "join" { return true }
                if visibility == "shared", joins.contains(where: { $0 >= event.tick }) { return true }
                return membership == "invite" && visibility == "invited"
            }
            let isAllowedBefore = isAllowed()
            if event.type == "m.room.history_visibility" {
                visibility = event.content["history_visibility"]?.stringValue ?? "shared"
            }
            if let own = event.membership, event.stateKey == user { membership = own }
            return isAllowedBefore || isAllowed()
        }
    }

    /// The root of the thread that a new event is in; nil for the main timeline.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts
    fileprivate func threadRoot(of event: World.Event) -> String? {
        var event = event
        for _ in 0...3 {
            guard let relation = event.relatesTo, let parent = self.event(relation["event_id"]?.stringValue) else {
                return nil
            }
            if relation["rel_type"] == "m.thread" { return parent.eventID }
            event = parent
        }
        return nil
    }
}
