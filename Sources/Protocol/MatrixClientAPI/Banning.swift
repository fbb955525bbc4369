import MatrixAPI

extension Endpoint {
    /// Keeps a user out of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidban
    public static let ban = Endpoint("ban", .post, "/_matrix/client/v3/rooms/{roomId}/ban")

    /// Ends a ban.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidunban
    public static let unban = Endpoint("unban", .post, "/_matrix/client/v3/rooms/{roomId}/unban")
}
