import MatrixAPI

extension Endpoint {
    /// The allowance that the operation draws on; nil for one that is not limited.
    ///
    /// The specification marks an operation as rate-limited by giving it an answer 429; sending events is limited too,
    /// as it is what costs everybody most.
    public var rateLimitBucket: RateLimitBucket? { Self.buckets[operationID] }

    private static let buckets: [String: RateLimitBucket] = {
        let operations: [RateLimitBucket: [String]] = [
            .messages: [
                "sendMessage", "setRoomStateWithKey", "setRoomStateWithoutKey", "redactEvent", "setTyping",
                "postReceipt", "setReadMarker", "sendToDevice",
            ],
            .membership: [
                "createRoom", "inviteUser", "inviteBy3PID", "joinRoom", "joinRoomById", "knockRoom", "leaveRoom",
                "forgetRoom", "upgradeRoom", "setProfileField", "deleteProfileField", "reportRoom", "reportUser",
                "reportContent",
            ],
            .registration: ["register"],
            .signIn: [
                "login", "refresh", "generateLoginToken", "changePassword", "deactivateAccount", "add3PID", "bind3PID",
            ],
            .strangers: [
                "getRegistrationNonce", "registerWithSharedSecret",
                "checkUsernameAvailability", "registrationTokenValidity", "getLoginFlows", "exchangeOpenIdToken",
                "redirectToSSO", "redirectToIdP", "getContent", "getContentOverrideName", "getContentThumbnail",
            ],
            .requests: [
                "getContentAuthed", "getContentOverrideNameAuthed", "getContentThumbnailAuthed", "getUrlPreviewAuthed",
                "getConfigAuthed", "getCapabilities", "uploadContent", "uploadContentToMXC", "createContent",
                "getUrlPreview", "getConfig", "getLocalAliases", "getRoomKeysVersionCurrent", "postRoomKeysVersion",
                "getRoomKeysVersion", "putRoomKeysVersion", "deleteRoomKeysVersion", "getRoomKeyBySessionId",
                "putRoomKeyBySessionId", "deleteRoomKeyBySessionId", "getRoomKeysByRoomId", "putRoomKeysByRoomId",
                "deleteRoomKeysByRoomId", "getRoomKeys", "putRoomKeys", "deleteRoomKeys", "getMutualRooms",
                "requestOpenIdToken", "setPresence", "postPusher", "setPushRule", "getEventByTimestamp", "search",
                "getSpaceHierarchy", "getThreadRoots", "searchUserDirectory", "getTurnServer", "getTokenOwner",
            ],
        ]
        return Dictionary(
            uniqueKeysWithValues: operations.flatMap { bucket, operations in operations.map { ($0, bucket) } })
    }()
}
