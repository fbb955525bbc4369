import CanonicalJSON
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// Which state events of a room a client wants, arranged so that a room with many members is not searched.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
struct RequiredState: Sendable, Equatable {
    /// State keys of one event type.
    struct Keys: Sendable, Equatable {
        var all = false
        var exact: Set<ByteExactString> = []

        func contains(_ key: ByteExactString) -> Bool { all || exact.contains(key) }
    }

    struct Patterns: Sendable, Equatable {
        var byType: [ByteExactString: Keys] = [:]
        /// Keys that are meant whatever the type.
        var anyType = Keys()
        /// Whether a type that is named is meant with its keys only, whatever `anyType` says.
        var restricts = false

        var isEmpty: Bool { byType.isEmpty && !anyType.all && anyType.exact.isEmpty }

        mutating func insert(type: String?, key: String?) {
            var keys = type.map { byType[ByteExactString($0)] ?? Keys() } ?? anyType
            if let key { keys.exact.insert(ByteExactString(key)) } else { keys.all = true }
            if let type { byType[ByteExactString(type)] = keys } else { anyType = keys }
        }

        func matches(type: ByteExactString, key: ByteExactString) -> Bool {
            if let keys = byType[type] {
                if keys.contains(key) { return true }
                if restricts { return false }
            }
            return anyType.contains(key)
        }
    }

    var include = Patterns()
    var exclude = Patterns()
    /// Members as the timeline needs them, instead of those that only a wildcard includes.
    var lazyMembers = false

    /// Elements of one request's `required_state`; more are refused.
    static let maximumElements = 1_000
    private static let memberType = ByteExactString(EventType.roomMember)

    func matches(type: String, stateKey: String) -> Bool {
        let (type, key) = (ByteExactString(type), ByteExactString(stateKey))
        if lazyMembers, type == Self.memberType {
            guard include.byType[type]?.contains(key) == true else { return false }
        } else if !include.matches(type: type, key: key) {
            return false
        }
        return !exclude.matches(type: type, key: key)
    }

    /// The wanted events of a room's present state.
    func select(from state: StateMap) -> [RoomEvent] {
        guard !include.anyType.all, include.anyType.exact.isEmpty else {
            return state.all.filter { matches(type: $0.type, stateKey: $0.stateKey ?? "") }
        }
        var events: [RoomEvent] = []
        for (type, keys) in include.byType {
            if keys.all {
                events += state.events(ofType: type.string)
            } else {
                events += keys.exact.compactMap { state[type.string, $0.string] }
            }
        }
        return exclude.isEmpty ? events : events.filter { matches(type: $0.type, stateKey: $0.stateKey ?? "") }
    }
}

extension RequiredState {
    /// The form that clients send today: pairs of type and state key, in which `*`, `$LAZY` and `$ME` mean more.
    init(unstable elements: [JSONValue], userID: UserID) throws(MatrixError) {
        guard elements.count <= Self.maximumElements else { throw .invalidParameter("'required_state' is too long") }
        for element in elements {
            guard let pair = element.arrayValue, pair.count == 2, let type = pair[0].stringValue,
                let key = pair[1].stringValue
            else { throw .badJSON("an entry of 'required_state' must be an array of a type and a state key") }
            let isMember = type == EventType.roomMember
            if isMember, key == "$LAZY" {
                lazyMembers = true
                // Beside a wildcard the entry names the members that are wanted: by itself none.
                if include.byType[Self.memberType] == nil { include.byType[Self.memberType] = Keys() }
            } else {
                include.insert(
                    type: type == "*" ? nil : type, key: key == "*" ? nil : key == "$ME" ? userID.string : key)
            }
        }
        // "*" for both gives everything, and further entries then say which keys of their types are wanted.
        include.restricts = include.anyType.all
    }

    /// The form of MSC4186: what to include, what to leave out, and whether members are loaded lazily.
    init(v4 json: JSONObject) throws(MatrixError) {
        lazyMembers = try json.optionalBool("lazy_members") ?? false
        include = try Self.patterns(json, "include")
        exclude = try Self.patterns(json, "exclude")
    }

    private static func patterns(_ json: JSONObject, _ name: String) throws(MatrixError) -> Patterns {
        var patterns = Patterns()
        let elements = try json.optionalObjects(name) ?? []
        guard elements.count <= maximumElements else { throw .invalidParameter("'\(name)' is too long") }
        for element in elements {
            patterns.insert(type: try element.optionalString("type"), key: try element.optionalString("state_key"))
        }
        return patterns
    }
}

/// What several rules together want of a room's state. One object for all rooms with the same rules.
final class StateRules: Sendable {
    let alternatives: [RequiredState]

    init(_ alternatives: [RequiredState]) { self.alternatives = alternatives }

    var lazyMembers: Bool { alternatives.contains(where: \.lazyMembers) }

    func matches(_ event: RoomEvent) -> Bool {
        alternatives.contains { $0.matches(type: event.type, stateKey: event.stateKey ?? "") }
    }

    func select(from state: StateMap) -> [RoomEvent] {
        if alternatives.count == 1 { return alternatives[0].select(from: state) }
        return StateMap(alternatives.flatMap { $0.select(from: state) }).all
    }

    func isSame(as other: StateRules) -> Bool { self === other || alternatives == other.alternatives }
}
