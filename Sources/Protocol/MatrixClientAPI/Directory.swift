import MatrixAPI

extension Endpoint {
    /// Makes an alias for a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3directoryroomroomalias
    public static let setRoomAlias = Endpoint("setRoomAlias", .put, "/_matrix/client/v3/directory/room/{roomAlias}")

    /// The room that an alias names.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3directoryroomroomalias
    public static let getRoomIDByAlias = Endpoint(
        "getRoomIdByAlias", .get, "/_matrix/client/v3/directory/room/{roomAlias}", authentication: .none)

    /// Deletes an alias.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3directoryroomroomalias
    public static let deleteRoomAlias = Endpoint(
        "deleteRoomAlias", .delete, "/_matrix/client/v3/directory/room/{roomAlias}")

    /// A room's aliases on this server.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidaliases
    public static let getLocalAliases = Endpoint("getLocalAliases", .get, "/_matrix/client/v3/rooms/{roomId}/aliases")
}
