import MatrixAPI

extension Endpoint {
    /// The user's tags on a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3useruseridroomsroomidtags
    public static let getRoomTags = Endpoint(
        "getRoomTags", .get, "/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags")

    /// Puts a tag on a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3useruseridroomsroomidtagstag
    public static let setRoomTag = Endpoint(
        "setRoomTag", .put, "/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}")

    /// Takes a tag off a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3useruseridroomsroomidtagstag
    public static let deleteRoomTag = Endpoint(
        "deleteRoomTag", .delete, "/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}")
}
