import CanonicalJSON
import RandomJSON

/// What one simulated client asks for.
struct ClientSettings: Sendable {
    let user: Int
    let kind: Kind

    enum Kind: Sendable {
        case classic(ClassicSettings)
        case sliding(SlidingSettings)
    }

    static func random(userCount: Int, using generator: inout SeededGenerator) -> ClientSettings {
        let user = Int.random(in: 0..<userCount, using: &generator)
        let isSliding = generator.chance(50)
        return ClientSettings(
            user: user,
            kind: isSliding ? .sliding(.random(using: &generator)) : .classic(.random(using: &generator)))
    }
}

/// Of a client of `/sync`.
struct ClassicSettings: Sendable {
    let limit: Int64
    let lazyLoadsMembers: Bool
    let includesRedundantMembers: Bool
    /// The parameter of the query and the name in the answer; nil for the state before the timeline.
    let stateAfter: (parameter: String, member: String)?
    let unreadThreads: Bool
    let includesLeft: Bool

    static func random(using generator: inout SeededGenerator) -> ClassicSettings {
        let names = [
            nil, ("use_state_after", "state_after"),
            ("org.matrix.msc4222.use_state_after", "org.matrix.msc4222.state_after"),
        ]
        return ClassicSettings(
            limit: Int64([1, 2, 3, 5, 10, 20].randomElement(using: &generator) ?? 1),
            lazyLoadsMembers: generator.chance(50), includesRedundantMembers: generator.chance(20),
            stateAfter: names[Int.random(in: 0..<3, using: &generator)], unreadThreads: generator.chance(50),
            includesLeft: generator.chance(30))
    }

    var filter: JSONObject {
        [
            "room": [
                "include_leave": .bool(includesLeft),
                "state": [
                    "lazy_load_members": .bool(lazyLoadsMembers),
                    "include_redundant_members": .bool(includesRedundantMembers),
                ],
                "timeline": [
                    "limit": .integer(limit), "unread_thread_notifications": .bool(unreadThreads),
                    "lazy_load_members": .bool(lazyLoadsMembers),
                ],
            ]
        ]
    }
}

/// Of a client of sliding sync.
struct SlidingSettings: Sendable {
    let isV4: Bool
    /// The last index of the list's window.
    var lastIndex: Int
    var timelineLimit: Int
    var requiredState: Int
    /// Numbers of the rooms that are subscribed to.
    var subscriptions: Set<Int> = []
    /// Whether there is a second list, of invitations only.
    let listsInvites: Bool

    static let requiredStateCount = 4

    static func random(using generator: inout SeededGenerator) -> SlidingSettings {
        SlidingSettings(
            isV4: generator.chance(50), lastIndex: [0, 0, 1, 19].randomElement(using: &generator) ?? 0,
            timelineLimit: [1, 1, 2, 5, 20].randomElement(using: &generator) ?? 1,
            requiredState: Int.random(in: 0..<requiredStateCount, using: &generator),
            listsInvites: generator.chance(30))
    }

    mutating func adjust(_ adjustment: Step.Adjustment) {
        switch adjustment {
        case .grow: lastIndex += 1
        case .subscribe(let room): subscriptions.insert(room)
        case .unsubscribe: subscriptions = []
        case .timelineLimit(let limit): timelineLimit = limit
        case .requiredState(let variant): requiredState = variant
        }
    }

    /// Of subscriptions another variant is wanted than of the list.
    var subscribedState: Int { (requiredState + 1) % Self.requiredStateCount }

    static func lazyLoads(_ variant: Int) -> Bool { variant == 1 }

    /// Whether a variant asks for the state by itself, not because the timeline needs it.
    static func wants(_ variant: Int, type: String, stateKey: String, user: String) -> Bool {
        switch variant {
        case 0: true
        case 1:
            type == "m.room.name" || type == "m.room.history_visibility" || type == "m.room.create"
                || type == "m.room.member" && stateKey == user
        case 2: type == "m.room.topic" || type == "m.room.member" && stateKey == user || type == "x.state"
        default: type == "m.room.member" || type == "m.room.power_levels"
        }
    }

    func json(requiredState variant: Int, user: String) -> JSONValue {
        if isV4 { return Self.v4(variant, user: user) }
        switch variant {
        case 0: return [["*", "*"]]
        case 1:
            return [
                ["m.room.name", ""], ["m.room.history_visibility", ""], ["m.room.create", ""],
                ["m.room.member", "$LAZY"], ["m.room.member", "$ME"],
            ]
        case 2: return [["m.room.topic", ""], ["m.room.member", .string(user)], ["x.state", "*"]]
        default: return [["m.room.member", "*"], ["m.room.power_levels", ""]]
        }
    }

    private static func v4(_ variant: Int, user: String) -> JSONValue {
        let me: JSONValue = ["type": "m.room.member", "state_key": .string(user)]
        switch variant {
        case 0: return ["include": [[:]]]
        case 1:
            return [
                "include": [
                    ["type": "m.room.name", "state_key": ""], ["type": "m.room.history_visibility", "state_key": ""],
                    ["type": "m.room.create"], me,
                ],
                "lazy_members": true,
            ]
        case 2: return ["include": [["type": "m.room.topic", "state_key": ""], me, ["type": "x.state"]]]
        default: return ["include": [["type": "m.room.member"], ["type": "m.room.power_levels", "state_key": ""]]]
        }
    }
}
