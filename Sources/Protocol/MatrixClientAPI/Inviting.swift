import MatrixAPI

extension Endpoint {
    /// Invites a user into a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidinvite
    public static let inviteUser = Endpoint("inviteUser", .post, "/_matrix/client/v3/rooms/{roomId}/invite")
}
