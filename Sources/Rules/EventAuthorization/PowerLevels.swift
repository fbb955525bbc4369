import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers

/// How much a user may do in a room.
public enum PowerLevel: Sendable, Comparable, CustomStringConvertible {
    case level(Int64)
    /// A room creator's from room version 12 on: above every number.
    ///
    /// https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
    case infinite

    public static func >= (left: PowerLevel, right: Int64) -> Bool { left >= .level(right) }
    public static func < (left: PowerLevel, right: Int64) -> Bool { left < .level(right) }

    public var description: String {
        switch self {
        case .level(let level): String(level)
        case .infinite: "infinite"
        }
    }
}

/// The power levels in force in a room: the content of `m.room.power_levels` with the defaults of what it leaves out.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mroompower_levels
public struct PowerLevels: Sendable {
    /// Nil when the room has no power levels event, which is not the same as an empty one.
    private let content: JSONObject?
    private let creators: Creators
    private let creatorsHaveInfinitePower: Bool

    /// - Parameters:
    ///   - content: of the room's `m.room.power_levels` event, if there is one.
    ///   - creators: as ``creators(of:rules:)`` answers.
    public init(content: JSONObject?, creators: Set<UserID>, rules: RoomVersionRules) {
        self.content = content
        self.creators = .set(creators)
        creatorsHaveInfinitePower = rules.creatorsHaveInfinitePower
    }

    /// The same from the room's events, without building a set: authorization does this for every message.
    public init(event: PersistentDataUnit?, createEvent: PersistentDataUnit, rules: RoomVersionRules) {
        content = event?.content
        creators = .namedBy(createEvent, rules)
        creatorsHaveInfinitePower = rules.creatorsHaveInfinitePower
    }

    /// Who made the room: the create event's sender and, from room version 12 on, its `additional_creators`.
    ///
    /// https://spec.matrix.org/v1.19/rooms/v12/#event-format
    public static func creators(of createEvent: PersistentDataUnit, rules: RoomVersionRules) -> Set<UserID> {
        var creators: Set<UserID> = [createEvent.sender]
        guard rules.createEventNamesAdditionalCreators else { return creators }
        for creator in createEvent.content["additional_creators"]?.arrayValue ?? [] {
            if let userID = creator.stringValue.flatMap(UserID.init) { creators.insert(userID) }
        }
        return creators
    }

    // MARK: Users

    public func level(of user: UserID) -> PowerLevel { level(ofMember: user.string) }

    /// The level of whoever a state key of `m.room.member` names, which need not be a user ID.
    func level(ofMember user: String) -> PowerLevel {
        if creatorsHaveInfinitePower, isCreator(user) { return .infinite }
        guard let content else {
            return .level(!creatorsHaveInfinitePower && isCreator(user) ? 100 : 0)
        }
        return .level(content["users"]?.objectValue?[user]?.integerValue ?? usersDefault)
    }

    func isCreator(_ user: String) -> Bool {
        switch creators {
        case .set(let creators):
            return creators.contains { utf8Equal($0.string, user) }
        case .namedBy(let createEvent, let rules):
            if utf8Equal(createEvent.sender.string, user) { return true }
            guard rules.createEventNamesAdditionalCreators else { return false }
            return createEvent.content["additional_creators"]?.arrayValue?.contains(.string(user)) ?? false
        }
    }

    private enum Creators: Sendable {
        case set(Set<UserID>)
        case namedBy(PersistentDataUnit, RoomVersionRules)
    }

    // MARK: Actions

    public var ban: Int64 { integer("ban") ?? 50 }
    public var kick: Int64 { integer("kick") ?? 50 }
    public var redact: Int64 { integer("redact") ?? 50 }
    public var invite: Int64 { integer("invite") ?? 0 }
    public var usersDefault: Int64 { integer("users_default") ?? 0 }
    public var eventsDefault: Int64 { integer("events_default") ?? 0 }
    public var stateDefault: Int64 { integer("state_default") ?? 50 }

    /// The level that sending an event takes. Membership events have rules of their own.
    ///
    /// https://spec.matrix.org/v1.19/server-server-api/#definitions
    public func required(forType type: String, isState: Bool) -> Int64 {
        content?["events"]?.objectValue?[type]?.integerValue ?? (isState ? stateDefault : eventsDefault)
    }

    /// The level that notifying the whole room takes, with `key` being `room`, or whatever else the key stands for.
    public func notifications(_ key: String) -> Int64 {
        content?["notifications"]?.objectValue?[key]?.integerValue ?? 50
    }

    private func integer(_ key: String) -> Int64? { content?[key]?.integerValue }
}
