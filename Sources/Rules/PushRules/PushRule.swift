import CanonicalJSON

/// The kinds of push rules, in the order in which they are asked.
///
/// https://spec.matrix.org/v1.19/client-server-api/#push-rules
public enum PushRuleKind: String, Sendable, CaseIterable {
    case override, content, room, sender, underride
}

/// When an event matters to a user, and what then happens.
///
/// https://spec.matrix.org/v1.19/client-server-api/#push-rules
public struct PushRule: Sendable, Equatable {
    public let ruleID: String
    /// Whether the server made the rule. Such rules can be disabled and given other actions, not be removed.
    public let isDefault: Bool
    public var isEnabled: Bool
    /// As in JSON: `"notify"` and objects with `set_tweak`.
    public var actions: [JSONValue] {
        didSet { pushActions = PushActions(actions) }
    }
    /// As in JSON; of override and underride rules only.
    public let conditions: [JSONValue]?
    /// Of content rules only.
    public let pattern: String?

    private let matcher: [PushCondition]
    public private(set) var pushActions: PushActions

    /// - Parameter kind: says what the rule matches by itself: rules about rooms and senders are named after them,
    ///   content rules have a pattern.
    public init(
        kind: PushRuleKind, ruleID: String, isDefault: Bool = false, isEnabled: Bool = true, actions: [JSONValue],
        conditions: [JSONValue]? = nil, pattern: String? = nil
    ) {
        self.ruleID = ruleID
        self.isDefault = isDefault
        self.isEnabled = isEnabled
        self.actions = actions
        pushActions = PushActions(actions)
        let hasConditions = kind == .override || kind == .underride
        self.conditions = hasConditions ? conditions ?? [] : nil
        self.pattern = kind == .content ? pattern : nil
        matcher =
            switch kind {
            case .override, .underride: (conditions ?? []).map(PushCondition.init(json:))
            case .content: [pattern.map { .bodyMatch(Glob($0)) } ?? .never]
            case .room: [.isRoom(ruleID)]
            case .sender: [.isSender(ruleID)]
            }
    }

    /// Nil when the object lacks `rule_id` or `actions`.
    init?(kind: PushRuleKind, json: JSONObject) {
        guard let ruleID = json["rule_id"]?.stringValue, let actions = json["actions"]?.arrayValue else { return nil }
        self.init(
            kind: kind, ruleID: ruleID, isDefault: json["default"]?.boolValue ?? false,
            isEnabled: json["enabled"]?.boolValue ?? true, actions: actions.filter { !Self.isHistorical($0) },
            conditions: json["conditions"]?.arrayValue, pattern: json["pattern"]?.stringValue)
    }

    /// As `GET /pushrules/` shows the rule.
    public var json: JSONObject {
        var json: JSONObject = [
            "rule_id": .string(ruleID), "default": .bool(isDefault), "enabled": .bool(isEnabled),
            "actions": .array(actions),
        ]
        json["conditions"] = conditions.map { .array($0) }
        json["pattern"] = pattern.map { .string($0) }
        return json
    }

    func matches(_ event: PushEventFacts) -> Bool {
        isEnabled && matcher.allSatisfy { $0.holds(for: event) }
    }

    /// Compares what a client can see; the rest follows from it.
    public static func == (left: PushRule, right: PushRule) -> Bool { left.json == right.json }

    /// What the actions set for the notification, for push gateways and clients to agree on.
    public var tweaks: JSONObject {
        var tweaks = JSONObject()
        for tweak in actions.compactMap(\.objectValue) {
            guard let name = tweak["set_tweak"]?.stringValue else { continue }
            // A highlight without a value is one; of other tweaks nobody says what they would be without.
            tweaks[name] = tweak["value"] ?? (utf8Equal(name, "highlight") ? true : nil)
        }
        return tweaks
    }

    /// Actions of older versions, which mean nothing.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#historical-actions
    static func isHistorical(_ action: JSONValue) -> Bool {
        action == "dont_notify" || action == "coalesce"
    }
}

/// What to do about an event.
///
/// https://spec.matrix.org/v1.19/client-server-api/#push-rules
public struct PushActions: Sendable, Equatable {
    /// Count the event and tell the user's pushers.
    public var notify: Bool
    public var highlight: Bool
    /// The name of a sound, `default` among them; nil for silence.
    public var sound: String?

    public init(notify: Bool = false, highlight: Bool = false, sound: String? = nil) {
        self.notify = notify
        self.highlight = highlight
        self.sound = sound
    }

    /// What happens when no rule matches.
    public static let none = PushActions()

    init(_ actions: [JSONValue]) {
        self.init()
        for action in actions {
            if action == "notify" {
                notify = true
            } else if let tweak = action.objectValue {
                switch tweak["set_tweak"]?.stringValue {
                // A highlight without a value is one.
                case "highlight": highlight = tweak["value"]?.boolValue ?? (tweak["value"] == nil)
                case "sound": sound = tweak["value"]?.stringValue
                default: break
                }
            }
        }
    }
}
