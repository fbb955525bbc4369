import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
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
    }

    private func rule(_ call: Call) async throws -> PushRule {
        guard let kind = PushRuleKind(rawValue: call.parameters["kind"]) else {
            throw MatrixError.invalidParameter("there is no such kind of push rule")
        }
        guard let rule = try await accounts.pushRules(of: call.userID).rule(kind, call.parameters["ruleId"]) else {
            throw MatrixError.notFound("there is no such push rule")
        }
        return rule
    }
}
