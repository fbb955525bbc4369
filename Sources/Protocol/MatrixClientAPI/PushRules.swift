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

    /// Adds or changes a push rule.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid
    public static let setPushRule = Endpoint(
        "setPushRule", .put, "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}")

    /// Removes a push rule.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3pushrulesglobalkindruleid
    public static let deletePushRule = Endpoint(
        "deletePushRule", .delete, "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}")

    /// Puts a push rule in force or out of it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidenabled
    public static let setPushRuleEnabled = Endpoint(
        "setPushRuleEnabled", .put, "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled")

    /// Changes what a push rule does.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidactions
    public static let setPushRuleActions = Endpoint(
        "setPushRuleActions", .put, "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions")
}
