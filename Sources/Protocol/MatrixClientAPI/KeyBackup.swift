import MatrixAPI

extension Endpoint {
    /// Makes a new backup.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3room_keysversion
    public static let postRoomKeysVersion = Endpoint(
        "postRoomKeysVersion", .post, "/_matrix/client/v3/room_keys/version")

    /// The latest backup.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keysversion
    public static let getRoomKeysVersionCurrent = Endpoint(
        "getRoomKeysVersionCurrent", .get, "/_matrix/client/v3/room_keys/version")

    /// One backup.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keysversionversion
    public static let getRoomKeysVersion = Endpoint(
        "getRoomKeysVersion", .get, "/_matrix/client/v3/room_keys/version/{version}")

    /// Changes what a backup says of itself.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keysversionversion
    public static let putRoomKeysVersion = Endpoint(
        "putRoomKeysVersion", .put, "/_matrix/client/v3/room_keys/version/{version}")

    /// Deletes a backup with its keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keysversionversion
    public static let deleteRoomKeysVersion = Endpoint(
        "deleteRoomKeysVersion", .delete, "/_matrix/client/v3/room_keys/version/{version}")

    /// Stores the key of one session.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keyskeysroomidsessionid
    public static let putRoomKeyBySessionId = Endpoint(
        "putRoomKeyBySessionId", .put, "/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}")

    /// Reads the key of one session.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keyskeysroomidsessionid
    public static let getRoomKeyBySessionId = Endpoint(
        "getRoomKeyBySessionId", .get, "/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}")

    /// Deletes the key of one session.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keyskeysroomidsessionid
    public static let deleteRoomKeyBySessionId = Endpoint(
        "deleteRoomKeyBySessionId", .delete, "/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}")

    /// Stores the keys of one room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keyskeysroomid
    public static let putRoomKeysByRoomId = Endpoint(
        "putRoomKeysByRoomId", .put, "/_matrix/client/v3/room_keys/keys/{roomId}")

    /// Reads the keys of one room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keyskeysroomid
    public static let getRoomKeysByRoomId = Endpoint(
        "getRoomKeysByRoomId", .get, "/_matrix/client/v3/room_keys/keys/{roomId}")

    /// Deletes the keys of one room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keyskeysroomid
    public static let deleteRoomKeysByRoomId = Endpoint(
        "deleteRoomKeysByRoomId", .delete, "/_matrix/client/v3/room_keys/keys/{roomId}")

    /// Stores keys of several rooms.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keyskeys
    public static let putRoomKeys = Endpoint("putRoomKeys", .put, "/_matrix/client/v3/room_keys/keys")

    /// Reads all keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3room_keyskeys
    public static let getRoomKeys = Endpoint("getRoomKeys", .get, "/_matrix/client/v3/room_keys/keys")

    /// Deletes all keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3room_keyskeys
    public static let deleteRoomKeys = Endpoint("deleteRoomKeys", .delete, "/_matrix/client/v3/room_keys/keys")
}
