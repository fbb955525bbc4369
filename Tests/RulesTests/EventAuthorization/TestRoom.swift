import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rules

/// A room in which tests ask whether an event is allowed.
///
/// It begins with four joined users, `@creator:a`, `@admin:a` (100), `@moderator:a` (50) and `@member:a` (0), the join
/// rule `invite`, and power levels in which inviting takes 10.
struct TestRoom {
    let rules: RoomVersionRules
    private(set) var state: [StateTuple: PersistentDataUnit] = [:]
    private(set) var createEvent: PersistentDataUnit
    private var eventCount = 0

    static let levels: JSONObject = [
        "users": ["@admin:a": 100, "@moderator:a": 50], "invite": 10, "events": ["m.room.name": 50, "m.custom": 70],
        "notifications": ["room": 60],
    ]

    init(_ rules: RoomVersionRules, createContent: JSONObject = [:]) {
        self.rules = rules
        createEvent = Self.create(rules, content: createContent)
        state[StateTuple(EventType.roomCreate)] = createEvent
        for user in ["@creator:a", "@admin:a", "@moderator:a", "@member:a"] { setMembership(user, .join) }
        setState(EventType.roomJoinRules, ["join_rule": "invite"])
        setState(EventType.roomPowerLevels, Self.levels)
        // Version 12 does not let creators be named in power levels.
        if !rules.creatorsHaveInfinitePower {
            changeLevels { $0["users"] = Self.levels["users"]!.adding("@creator:a", 100) }
        }
    }

    static func create(
        _ rules: RoomVersionRules, id: String = "$create", roomID: String? = nil, prevEvents: [EventID] = [],
        content: JSONObject
    ) -> PersistentDataUnit {
        let natural = rules.roomIDIsCreateEventHash ? "!" + id.dropFirst() : "!room:a"
        return PersistentDataUnit(
            eventID: EventID(id)!, roomID: RoomID(roomID ?? natural)!, type: EventType.roomCreate, stateKey: "",
            sender: UserID("@creator:a")!, content: content, originServerTimestamp: 0, depth: 1, authEvents: [],
            prevEvents: prevEvents)
    }

    // MARK: State before the event

    mutating func setState(
        _ type: String, _ content: JSONObject, stateKey: String = "", sender: String = "@creator:a"
    ) {
        state[StateTuple(type, stateKey)] = event(type, by: sender, stateKey: stateKey, content)
    }

    mutating func setMembership(_ user: String, _ membership: Membership) {
        setState(EventType.roomMember, ["membership": .string(membership.rawValue)], stateKey: user, sender: user)
    }

    mutating func setJoinRule(_ rule: String) { setState(EventType.roomJoinRules, ["join_rule": .string(rule)]) }

    mutating func changeLevels(_ change: (inout JSONObject) -> Void) {
        var content = levels
        change(&content)
        setState(EventType.roomPowerLevels, content)
    }

    var levels: JSONObject { state[StateTuple(EventType.roomPowerLevels)]?.content ?? [:] }

    mutating func remove(_ type: String, stateKey: String = "") { state[StateTuple(type, stateKey)] = nil }

    // MARK: The event

    func event(
        _ type: String, by sender: String, stateKey: String? = nil, _ content: JSONObject = [:], roomID: RoomID? = nil,
        prevEvents: [EventID] = [EventID("$previous")!]
    ) -> PersistentDataUnit {
        PersistentDataUnit(
            eventID: EventID("$event")!, roomID: roomID ?? createEvent.roomID, type: type, stateKey: stateKey,
            sender: UserID(sender)!, content: content, originServerTimestamp: 1, depth: 2, authEvents: [],
            prevEvents: prevEvents)
    }

    /// A membership event; by the user themselves unless `sender` says otherwise.
    func membership(
        _ target: String, _ membership: String, by sender: String? = nil, _ content: JSONObject = [:],
        prevEvents: [EventID] = [EventID("$previous")!]
    ) -> PersistentDataUnit {
        var content = content
        content["membership"] = .string(membership)
        return event(
            EventType.roomMember, by: sender ?? target, stateKey: target, content, prevEvents: prevEvents)
    }

    /// New power levels: the present ones with a change.
    func powerLevels(by sender: String, _ change: (inout JSONObject) -> Void) -> PersistentDataUnit {
        var content = levels
        change(&content)
        return event(EventType.roomPowerLevels, by: sender, stateKey: "", content)
    }

    /// The number of the rule that rejects the event; nil when it is allowed.
    func rejectingRule(of event: PersistentDataUnit) -> String? {
        do throws(AuthorizationError) {
            try EventAuthorization.authorize(event, rules: rules) { state[$0] }
            return nil
        } catch {
            return error.rule
        }
    }
}

extension JSONValue {
    /// An object with one more member.
    func adding(_ key: String, _ value: JSONValue) -> JSONValue {
        var object = objectValue ?? [:]
        object[key] = value
        return .object(object)
    }
}
