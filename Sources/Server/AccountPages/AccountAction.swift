/// What somebody wants to do with his account; clients link to it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#account-management-url-actions
enum AccountAction: String {
    case profile = "org.matrix.profile"
    case devicesList = "org.matrix.devices_list"
    case deviceView = "org.matrix.device_view"
    case deviceDelete = "org.matrix.device_delete"
    case accountDeactivate = "org.matrix.account_deactivate"
    case crossSigningReset = "org.matrix.cross_signing_reset"
    /// Ours: the specification has no name for it.
    case passwordChange = "org.naru.password_change"

    /// What older clients call them; understood, but not advertised, as the specification knows no such names:
    /// https://github.com/matrix-org/matrix-spec-proposals/pull/4191
    private static let formerNames: [String: AccountAction] = [
        "org.matrix.sessions_list": .devicesList, "org.matrix.session_view": .deviceView,
        "org.matrix.session_end": .deviceDelete,
    ]

    init?(name: String) {
        guard let action = AccountAction(rawValue: name) ?? Self.formerNames[name] else { return nil }
        self = action
    }

    /// All that clients may link to.
    static let advertised = [
        AccountAction.profile, .devicesList, .deviceView, .deviceDelete, .accountDeactivate, .crossSigningReset,
    ].map(\.rawValue)
}
