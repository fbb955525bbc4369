import MatrixAPI

extension Endpoint {
    /// Leaves a room, or turns an invitation down.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidleave
    public static let leaveRoom = Endpoint("leaveRoom", .post, "/_matrix/client/v3/rooms/{roomId}/leave")

    /// Takes a room that was left out of sight.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidforget
    public static let forgetRoom = Endpoint("forgetRoom", .post, "/_matrix/client/v3/rooms/{roomId}/forget")
}
