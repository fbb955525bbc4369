import MatrixAPI

extension Endpoint {
    /// Invites somebody by an address, whom an identity server knows.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidinvite-1
    public static let inviteBy3PID = Endpoint("inviteBy3PID", .post, "/_matrix/client/v3/rooms/{roomId}/invite")
}
