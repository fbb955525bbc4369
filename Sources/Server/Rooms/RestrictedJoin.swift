import CanonicalJSON
import MatrixIdentifiers

/// Join rules that let in whoever is in another room.
///
/// https://spec.matrix.org/v1.19/client-server-api/#restricted-rooms
enum RestrictedJoin {
    /// The rooms that the content of `m.room.join_rules` names; none unless the rule is one of the restricted ones.
    static func allowedRooms(_ joinRules: JSONObject) -> [RoomID] {
        guard let rule = joinRules["join_rule"]?.stringValue, rule == "restricted" || rule == "knock_restricted" else {
            return []
        }
        return (joinRules["allow"]?.arrayValue ?? []).compactMap { condition in
            guard condition.objectValue?["type"]?.stringValue == "m.room_membership" else { return nil }
            return condition.objectValue?["room_id"]?.stringValue.flatMap(RoomID.init)
        }
    }
}
