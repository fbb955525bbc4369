import CanonicalJSON

/// Why a client's push rule is refused, in words.
public struct InvalidPushRule: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension PushRule {
    private static let maximumActions = 20
    private static let maximumConditions = 50
    private static let maximumRuleIDBytes = 255

    /// The rule that a client wants to have.
    ///
    /// Conditions of unknown kinds are taken: the rule then never matches. What is known must be whole, since a rule
    /// that silently does nothing helps nobody.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid
    public init(kind: PushRuleKind, ruleID: String, request: JSONObject) throws(InvalidPushRule) {
        guard !PushRuleset.isServerRuleID(ruleID) else {
            throw InvalidPushRule("rule IDs that begin with a dot are the server's own")
        }
        guard (1...Self.maximumRuleIDBytes).contains(ruleID.utf8.count),
            !ruleID.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == 0 })
        else {
            throw InvalidPushRule(
                "a rule ID has 1 to \(Self.maximumRuleIDBytes) bytes, and no slash, backslash or NUL")
        }
        self.init(
            kind: kind, ruleID: ruleID, actions: try Self.actions(request),
            conditions: kind == .override || kind == .underride ? try Self.conditions(request) : nil,
            pattern: kind == .content ? try Self.pattern(request) : nil)
    }

    /// The `actions` of a request, without those of older versions, which mean nothing.
    public static func actions(_ request: JSONObject) throws(InvalidPushRule) -> [JSONValue] {
        guard let actions = request["actions"]?.arrayValue, actions.count <= maximumActions else {
            throw InvalidPushRule("'actions' must be an array of at most \(maximumActions) actions")
        }
        for action in actions where !isHistorical(action) && action != "notify" {
            guard action.objectValue?["set_tweak"]?.stringValue != nil else {
                throw InvalidPushRule("an action is \"notify\", or an object with 'set_tweak'")
            }
        }
        return actions.filter { !isHistorical($0) }
    }

    private static func conditions(_ request: JSONObject) throws(InvalidPushRule) -> [JSONValue] {
        guard let value = request["conditions"], !value.isNull else { return [] }
        guard let conditions = value.arrayValue, conditions.count <= maximumConditions else {
            throw InvalidPushRule("'conditions' must be an array of at most \(maximumConditions) conditions")
        }
        for condition in conditions {
            guard let condition = condition.objectValue, let kind = condition["kind"]?.stringValue else {
                throw InvalidPushRule("a condition is an object with a 'kind'")
            }
            guard !PushCondition.isKnown(kind: kind) || PushCondition.isWhole(condition) else {
                throw InvalidPushRule("a condition '\(kind)' lacks what it asks, or asks it in another form")
            }
        }
        return conditions
    }

    private static func pattern(_ request: JSONObject) throws(InvalidPushRule) -> String {
        guard let pattern = request["pattern"]?.stringValue,
            (1...Glob.maximumLength).contains(pattern.unicodeScalars.count)
        else {
            throw InvalidPushRule("a content rule needs a 'pattern' of 1 to \(Glob.maximumLength) characters")
        }
        return pattern
    }
}
