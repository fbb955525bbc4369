import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules

/// Changing push rules. They are kept as the account data `m.push_rules`, so every change goes down all the user's
/// syncs, and whoever counts or pushes reads what the client sees.
///
/// https://spec.matrix.org/v1.19/client-server-api/#push-rules-api
extension AccountService {
    private static let maximumOwnPushRules = 1_000
    private static let maximumPushRulesBytes = 262_144

    /// Adds or replaces a rule of the user's.
    ///
    /// - Parameters:
    ///   - before: the rule that the new one comes just before; of two neighbours this one counts.
    ///   - after: the rule that the new one comes just after.
    public func putPushRule(
        _ rule: PushRule, kind: PushRuleKind, before: String?, after: String?, of userID: UserID
    ) async throws {
        try await changePushRules(of: userID) { rules in
            do throws(PushRuleset.PlacementError) {
                try rules.put(rule, kind: kind, before: before, after: after)
            } catch .unknownRule(let ruleID) {
                throw MatrixError(400, .unknown, "'before' or 'after' names no rule of yours: '\(ruleID.prefix(80))'")
            }
            guard rules.ownRuleCount <= Self.maximumOwnPushRules else {
                throw MatrixError.tooLarge("a user has at most \(Self.maximumOwnPushRules) push rules")
            }
        }
    }

    public func removePushRule(_ kind: PushRuleKind, _ ruleID: String, of userID: UserID) async throws {
        try await changePushRules(of: userID) { rules in
            guard rules.remove(kind, ruleID) else {
                guard rules.rule(kind, ruleID) == nil else {
                    throw MatrixError.invalidParameter("the server's rules can be disabled, not removed")
                }
                throw Self.noSuchPushRule
            }
        }
    }

    /// Changes a rule in its place, the server's too.
    public func changePushRule(
        _ kind: PushRuleKind, _ ruleID: String, of userID: UserID, change: @escaping @Sendable (inout PushRule) -> Void
    ) async throws {
        try await changePushRules(of: userID) { rules in
            guard rules.change(kind, ruleID, change) else { throw Self.noSuchPushRule }
        }
    }

    private static let noSuchPushRule = MatrixError.notFound("there is no such push rule")

    private func changePushRules(
        of userID: UserID, change: @escaping @Sendable (inout PushRuleset) throws -> Void
    ) async throws {
        try await updateAccountData(EventType.pushRules, of: userID, room: nil) { stored in
            var rules = PushRuleset.defaults(for: userID)
            if let stored, case .object(let json) = try JSONParser.parse(stored) {
                rules = PushRuleset(json: json, userID: userID)
            }
            try change(&rules)
            let content: JSONObject = ["global": .object(rules.json)]
            let bytes = content.bytes()
            guard bytes.count <= Self.maximumPushRulesBytes else {
                throw MatrixError.tooLarge("push rules have at most \(Self.maximumPushRulesBytes) bytes together")
            }
            return bytes
        }
    }
}
