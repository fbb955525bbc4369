import MatrixAPI

extension Endpoint {
    /// Whether a room stands in the public directory.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3directorylistroomroomid
    public static let getRoomVisibilityOnDirectory = Endpoint(
        "getRoomVisibilityOnDirectory", .get, "/_matrix/client/v3/directory/list/room/{roomId}", authentication: .none)

    /// Puts a room into the public directory or takes it out.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3directorylistroomroomid
    public static let setRoomVisibilityOnDirectory = Endpoint(
        "setRoomVisibilityOnDirectory", .put, "/_matrix/client/v3/directory/list/room/{roomId}")

    /// The public directory.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3publicrooms
    public static let getPublicRooms = Endpoint(
        "getPublicRooms", .get, "/_matrix/client/v3/publicRooms", authentication: .none)

    /// The public directory, searched.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3publicrooms
    public static let queryPublicRooms = Endpoint("queryPublicRooms", .post, "/_matrix/client/v3/publicRooms")
}
