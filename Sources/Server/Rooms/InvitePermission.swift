import CanonicalJSON

/// Whether a user takes invitations, as the content of his `m.invite_permission_config` says.
///
/// https://spec.matrix.org/v1.19/client-server-api/#invite-permission
public enum InvitePermission: Sendable {
    case allow
    case block

    /// - Parameter content: JSON as bytes; what is not understood allows.
    public init(_ content: [UInt8]) {
        let action = (try? JSONParser.parse(content))?.objectValue?["default_action"]?.stringValue
        self = action == "block" ? .block : .allow
    }
}
