import MatrixAPI

extension Endpoint {
    /// Replaces a room by one of another version.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidupgrade
    public static let upgradeRoom = Endpoint("upgradeRoom", .post, "/_matrix/client/v3/rooms/{roomId}/upgrade")
}
