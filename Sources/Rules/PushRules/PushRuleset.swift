import CanonicalJSON
import MatrixIdentifiers

/// A user's push rules: their own and the server's defaults, in the order in which they are asked.
///
/// https://spec.matrix.org/v1.19/client-server-api/#push-rules
public struct PushRuleset: Sendable, Equatable {
    public let userID: UserID
    private var rules: [PushRuleKind: [PushRule]]

    /// The rules that a user begins with.
    public static func defaults(for userID: UserID) -> PushRuleset {
        PushRuleset(
            userID: userID,
            rules: [
                .override: defaultOverrideRules(for: userID), .content: [], .room: [], .sender: [],
                .underride: defaultUnderrideRules,
            ])
    }

    private init(userID: UserID, rules: [PushRuleKind: [PushRule]]) {
        self.userID = userID
        self.rules = rules
    }

    /// Reads a stored ruleset.
    ///
    /// The server's rules come from ``defaults(for:)``, with `enabled` and `actions` as stored, so that a default that
    /// a later version adds, changes or drops reaches users who stored the earlier ones.
    ///
    /// - Parameter json: what ``json`` answers, or the content of `m.push_rules`, which has that under `global`.
    public init(json: JSONObject, userID: UserID) {
        self = .defaults(for: userID)
        let stored = json["global"]?.objectValue ?? json
        for kind in PushRuleKind.allCases {
            var own: [PushRule] = []
            for value in stored[kind.rawValue]?.arrayValue ?? [] {
                guard let rule = value.objectValue.flatMap({ PushRule(kind: kind, json: $0) }) else { continue }
                if rule.isDefault || Self.isServerRuleID(rule.ruleID) {
                    restore(rule, of: kind)
                } else {
                    own.append(rule)
                }
            }
            insertOwn(own, of: kind)
        }
    }

    /// The ruleset that `GET /pushrules/` shows under `global`.
    public var json: JSONObject {
        JSONObject(
            members: PushRuleKind.allCases.map { kind in
                (kind.rawValue, .array(self[kind].map { .object($0.json) }))
            })
    }

    /// The rules of a kind, the most important first.
    public subscript(kind: PushRuleKind) -> [PushRule] {
        get { rules[kind] ?? [] }
        set { rules[kind] = newValue }
    }

    /// What the rules say about an event: the first that matches decides.
    ///
    /// Users are not told of what they sent themselves.
    public func evaluate(_ event: PushEventFacts) -> PushActions {
        guard let match = firstIndex(for: event) else { return .none }
        return rules[match.kind]?[match.index].pushActions ?? .none
    }

    /// The rule that decides about an event, and its kind; nil when none does.
    public func firstMatch(for event: PushEventFacts) -> (kind: PushRuleKind, rule: PushRule)? {
        firstIndex(for: event).map { ($0.kind, self[$0.kind][$0.index]) }
    }

    private func firstIndex(for event: PushEventFacts) -> (kind: PushRuleKind, index: Int)? {
        guard event.sender != userID else { return nil }
        for kind in PushRuleKind.allCases {
            // By index: of each rule that does not match a loop over the elements would make a copy.
            let rules = self[kind]
            if let index = rules.indices.first(where: { rules[$0].matches(event) }) { return (kind, index) }
        }
        return nil
    }

    /// Whether only the server may make a rule of that ID.
    public static func isServerRuleID(_ ruleID: String) -> Bool { ruleID.utf8.first == UInt8(ascii: ".") }

    private mutating func restore(_ stored: PushRule, of kind: PushRuleKind) {
        guard let index = self[kind].firstIndex(where: { utf8Equal($0.ruleID, stored.ruleID) }) else { return }
        self[kind][index].isEnabled = stored.isEnabled
        self[kind][index].actions = stored.actions
    }

    /// A user's own rules come before the server's, but for the master rule, which comes before all.
    private mutating func insertOwn(_ own: [PushRule], of kind: PushRuleKind) {
        self[kind].insert(contentsOf: own, at: firstOwnIndex(of: kind))
    }

    private func firstOwnIndex(of kind: PushRuleKind) -> Int {
        self[kind].first?.ruleID == Self.masterRuleID ? 1 : 0
    }
}

// MARK: Changing rules

extension PushRuleset {
    /// Why a rule was not put where it should go.
    public enum PlacementError: Error, Equatable, Sendable {
        /// `before` or `after` names no rule of the user of that kind.
        case unknownRule(String)
    }

    /// How many rules the user has made.
    public var ownRuleCount: Int {
        PushRuleKind.allCases.reduce(0) { $0 + self[$1].count { !$0.isDefault } }
    }

    public func rule(_ kind: PushRuleKind, _ ruleID: String) -> PushRule? {
        self[kind].first { utf8Equal($0.ruleID, ruleID) }
    }

    /// Adds a rule of the user's, or replaces the one of that ID, which keeps being enabled or not.
    ///
    /// Without `before` and `after` a new rule becomes the user's most important of its kind, and a replaced one stays
    /// where it is.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid
    public mutating func put(
        _ rule: PushRule, kind: PushRuleKind, before: String? = nil, after: String? = nil
    ) throws(PlacementError) {
        var rule = rule
        var rules = self[kind]
        var index = firstOwnIndex(of: kind)
        if let present = rules.firstIndex(where: { utf8Equal($0.ruleID, rule.ruleID) }) {
            rule.isEnabled = rules[present].isEnabled
            rules.remove(at: present)
            index = present
        }
        // When both are given, `before` decides.
        if let neighbour = before ?? after {
            guard !Self.isServerRuleID(neighbour),
                let position = rules.firstIndex(where: { utf8Equal($0.ruleID, neighbour) })
            else { throw .unknownRule(neighbour) }
            index = before == nil ? position + 1 : position
        }
        rules.insert(rule, at: index)
        self[kind] = rules
    }

    /// - Returns: false when the user has no such rule; the server's cannot be removed.
    public mutating func remove(_ kind: PushRuleKind, _ ruleID: String) -> Bool {
        guard let index = self[kind].firstIndex(where: { utf8Equal($0.ruleID, ruleID) && !$0.isDefault })
        else { return false }
        self[kind].remove(at: index)
        return true
    }

    /// Changes a rule in its place, a default one too.
    ///
    /// - Returns: false when there is no such rule.
    public mutating func change(_ kind: PushRuleKind, _ ruleID: String, _ change: (inout PushRule) -> Void) -> Bool {
        guard let index = self[kind].firstIndex(where: { utf8Equal($0.ruleID, ruleID) }) else { return false }
        change(&self[kind][index])
        return true
    }
}
