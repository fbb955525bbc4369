import MatrixAPI

extension Endpoint {
    /// Removes a user from a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidkick
    public static let kick = Endpoint("kick", .post, "/_matrix/client/v3/rooms/{roomId}/kick")
}
