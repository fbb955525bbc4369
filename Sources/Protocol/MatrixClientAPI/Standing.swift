import MatrixAPI

extension Endpoint {
    /// Whether somebody whose account is locked may call it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#account-locking
    public var isOpenToLocked: Bool { ["logout", "logout_all"].contains { $0 == operationID } }

    /// Whether somebody whose account is suspended may call it. Redacting one's own events is allowed, which the
    /// handlers look at.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#account-suspension
    public var isOpenToSuspended: Bool { !Self.closedToSuspended.contains(operationID) }

    private static let closedToSuspended: Set<String> = [
        "createRoom", "joinRoom", "joinRoomById", "knockRoom", "inviteUser", "inviteBy3PID", "kick", "ban", "unban",
        "setRoomStateWithKey", "setRoomStateWithoutKey", "upgradeRoom", "setProfileField", "deleteProfileField",
        "setRoomAlias", "setRoomVisibilityOnDirectory", "setTyping",
    ]
}
