import MatrixAPI

extension Endpoint {
    /// A room as it is now, or as it was when the user left.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidinitialsync
    public static let roomInitialSync = Endpoint(
        "roomInitialSync", .get, "/_matrix/client/v3/rooms/{roomId}/initialSync")
}
