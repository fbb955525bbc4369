import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rules

struct PushRulesRoutes: Routes {
    let accounts: AccountService

    func register(on table: inout RouteTable) {
        table.on(.getPushRules) { call in
            .json(["global": .object(try await accounts.pushRules(of: call.userID).json)])
        }
        table.on(.getPushRulesGlobal) { call in .json(try await accounts.pushRules(of: call.userID).json) }
        table.on(.getPushRule) { call in .json(try await rule(call).json) }
        table.on(.isPushRuleEnabled) { call in .json(["enabled": .bool(try await rule(call).isEnabled)]) }
        table.on(.getPushRuleActions) { call in .json(["actions": .array(try await rule(call).actions)]) }
        table.on(.setPushRule, use: setPushRule)
        table.on(.deletePushRule) { call in
            try await accounts.removePushRule(kind(call), call.parameters["ruleId"], of: call.userID)
            return .empty
        }
        table.on(.setPushRuleEnabled) { call in
            let isEnabled = try call.body().bool("enabled")
            try await accounts.changePushRule(kind(call), call.parameters["ruleId"], of: call.userID) {
                $0.isEnabled = isEnabled
            }
            return .empty
        }
        table.on(.setPushRuleActions) { call in
            let actions = try actions(call.body())
            try await accounts.changePushRule(kind(call), call.parameters["ruleId"], of: call.userID) {
                $0.actions = actions
            }
            return .empty
        }
    }

    private func setPushRule(_ call: Call) async throws -> Reply {
        let (kind, ruleID) = (try kind(call), call.parameters["ruleId"])
        let body = try call.body()
        _ = try body.array("actions")
        let rule: PushRule
        do {
            rule = try PushRule(kind: kind, ruleID: ruleID, request: body)
        } catch {
            throw MatrixError.invalidParameter(error.description)
        }
        try await accounts.putPushRule(
            rule, kind: kind, before: call.query["before"], after: call.query["after"], of: call.userID)
        return .empty
    }

    private func actions(_ body: JSONObject) throws(MatrixError) -> [JSONValue] {
        _ = try body.array("actions")
        do {
            return try PushRule.actions(body)
        } catch {
            throw .invalidParameter(error.description)
        }
    }

    private func kind(_ call: Call) throws(MatrixError) -> PushRuleKind {
        guard let kind = PushRuleKind.allCases.first(where: { utf8Equal($0.rawValue, call.parameters["kind"]) }) else {
            throw .invalidParameter("there is no such kind of push rule")
        }
        return kind
    }

    private func rule(_ call: Call) async throws -> PushRule {
        guard let rule = try await accounts.pushRules(of: call.userID).rule(kind(call), call.parameters["ruleId"])
        else { throw MatrixError.notFound("there is no such push rule") }
        return rule
    }
}
