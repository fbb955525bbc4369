import CanonicalJSON

/// A user's relation to a room.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mroommember
public enum Membership: String, Sendable, CaseIterable {
    case invite, join, knock, leave, ban
}

extension PersistentDataUnit {
    /// The `membership` of an `m.room.member` event; nil when it is missing or unknown.
    public var membership: Membership? { content["membership"]?.stringValue.flatMap(Membership.init) }
}
