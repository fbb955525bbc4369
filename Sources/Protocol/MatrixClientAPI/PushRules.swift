import MatrixAPI

extension Endpoint {
    /// All push rules of the user.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrules
    public static let getPushRules = Endpoint(
        "getPushRules", .get, "/_matrix/client/v3/pushrules/",
        otherPaths: ["/_matrix/client/v3/pushrules"])

    /// The user's global push rules.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobal
    public static let getPushRulesGlobal = Endpoint(
        "getPushRulesGlobal", .get, "/_matrix/client/v3/pushrules/global/",
        otherPaths: ["/_matrix/client/v3/pushrules/global"])

    /// One push rule.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobalkindruleid
    public static let getPushRule = Endpoint(
        "getPushRule", .get, "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}")

    /// Whether a push rule is in force.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidenabled
    public static let isPushRuleEnabled = Endpoint(
        "isPushRuleEnabled", .get, "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled")

    /// What a push rule does.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidactions
    public static let getPushRuleActions = Endpoint(
        "getPushRuleActions", .get, "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions")
}
