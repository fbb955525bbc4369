import CanonicalJSON
import MatrixIdentifiers

/// One condition of a push rule, taken apart once so that evaluating it is cheap.
///
/// https://spec.matrix.org/v1.19/client-server-api/#push-rules
package enum PushCondition: Sendable {
    case eventMatch(PropertyPath, Glob)
    /// `event_match` on `content.body`, which looks for words in it.
    case bodyMatch(Glob)
    case eventPropertyIs(PropertyPath, JSONValue)
    case eventPropertyContains(PropertyPath, JSONValue)
    case containsDisplayName
    case roomMemberCount(MemberCountComparison)
    case senderNotificationPermission(String)
    /// What rules of the kinds `room` and `sender` ask.
    case isRoom(String)
    case isSender(String)
    /// A condition that is unknown or broken: its rule never matches.
    case never

    private static let body = PropertyPath("content.body")

    package init(json: JSONValue) {
        self = Self.parse(json.objectValue ?? JSONObject()) ?? .never
    }

    static func isKnown(kind: String) -> Bool {
        [
            "event_match", "event_property_is", "event_property_contains", "contains_display_name",
            "room_member_count", "sender_notification_permission",
        ].contains { utf8Equal($0, kind) }
    }

    /// Whether the condition has everything that its kind needs.
    static func isWhole(_ json: JSONObject) -> Bool { parse(json) != nil }

    private static func parse(_ json: JSONObject) -> PushCondition? {
        let key = json["key"]?.stringValue
        switch json["kind"]?.stringValue {
        case "event_match":
            guard let path = key.map(PropertyPath.init), let pattern = json["pattern"]?.stringValue else { return nil }
            return path == body ? .bodyMatch(Glob(pattern)) : .eventMatch(path, Glob(pattern))
        case "event_property_is":
            guard let path = key.map(PropertyPath.init), let value = comparable(json["value"]) else { return nil }
            return .eventPropertyIs(path, value)
        case "event_property_contains":
            guard let path = key.map(PropertyPath.init), let value = comparable(json["value"]) else { return nil }
            return .eventPropertyContains(path, value)
        case "contains_display_name": return .containsDisplayName
        case "room_member_count":
            return json["is"]?.stringValue.flatMap(MemberCountComparison.init).map(PushCondition.roomMemberCount)
        case "sender_notification_permission": return key.map(PushCondition.senderNotificationPermission)
        default: return nil
        }
    }

    /// The values that can be compared exactly: canonical and not compound.
    private static func comparable(_ value: JSONValue?) -> JSONValue? {
        switch value {
        case .string, .integer, .bool, .null: value
        case .array, .object, .number, nil: nil
        }
    }

    package func holds(for event: PushEventFacts) -> Bool {
        switch self {
        case .eventMatch(let path, let glob):
            return event.property(at: path)?.stringValue.map(glob.matches) ?? false
        case .bodyMatch(let glob):
            return event.content["body"]?.stringValue.map(glob.matchesWords) ?? false
        case .eventPropertyIs(let path, let value):
            return event.property(at: path) == value
        case .eventPropertyContains(let path, let value):
            return event.property(at: path)?.arrayValue?.contains(value) ?? false
        case .containsDisplayName:
            guard let name = event.displayName, !name.isEmpty, let body = event.content["body"]?.stringValue
            else { return false }
            return Glob(literal: name).matchesWords(in: body)
        case .roomMemberCount(let comparison):
            return comparison.holds(for: event.memberCount)
        case .senderNotificationPermission(let key):
            return event.powerLevels.level(of: event.sender) >= event.powerLevels.notifications(key)
        case .isRoom(let roomID): return utf8Equal(event.roomID.string, roomID)
        case .isSender(let userID): return utf8Equal(event.sender.string, userID)
        case .never: return false
        }
    }
}

/// `is` of `room_member_count`: a number, or `==`, `<`, `>`, `>=`, `<=` and a number.
package struct MemberCountComparison: Sendable {
    private enum Relation: Sendable { case equal, less, greater, greaterOrEqual, lessOrEqual }

    private let relation: Relation
    private let count: Int

    package init?(_ text: String) {
        // Longer signs first: `<` begins `<=` too.
        let signs: [(String, Relation)] = [
            ("==", .equal), (">=", .greaterOrEqual), ("<=", .lessOrEqual), ("<", .less), (">", .greater),
        ]
        let sign = signs.first { text.utf8.starts(with: $0.0.utf8) }
        let digits = text.utf8.dropFirst(sign?.0.utf8.count ?? 0)
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(Substring(digits))
        else { return nil }
        relation = sign?.1 ?? .equal
        self.count = count
    }

    package func holds(for memberCount: Int) -> Bool {
        switch relation {
        case .equal: memberCount == count
        case .less: memberCount < count
        case .greater: memberCount > count
        case .greaterOrEqual: memberCount >= count
        case .lessOrEqual: memberCount <= count
        }
    }
}
