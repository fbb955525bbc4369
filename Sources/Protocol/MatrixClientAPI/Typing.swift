import MatrixAPI

extension Endpoint {
    /// The user has started or stopped typing.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidtypinguserid
    public static let setTyping = Endpoint("setTyping", .put, "/_matrix/client/v3/rooms/{roomId}/typing/{userId}")
}
