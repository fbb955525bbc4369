import MatrixAPI

extension Endpoint {
    /// The threads of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidthreads
    public static let getThreadRoots = Endpoint(
        "getThreadRoots", .get, "/_matrix/client/v1/rooms/{roomId}/threads")
}
