/// Why the rules of a room reject an event.
public struct AuthorizationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of the rule in the document of the room's version: `"4.3.2"`.
    public let rule: String
    public let reason: String

    public var description: String { "\(reason) (authorization rule \(rule))" }
}

extension RoomVersionRules {
    /// A rejection by a rule that versions number differently.
    func rejection(v11: String, v12: String, _ reason: String) -> AuthorizationError {
        switch authorizationRuleNumbering {
        case .v11: AuthorizationError(rule: v11, reason: reason)
        case .v12: AuthorizationError(rule: v12, reason: reason)
        }
    }
}
