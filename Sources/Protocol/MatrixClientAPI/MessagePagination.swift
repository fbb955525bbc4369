import MatrixAPI

extension Endpoint {
    /// A page of a room's history.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidmessages
    public static let getRoomEvents = Endpoint("getRoomEvents", .get, "/_matrix/client/v3/rooms/{roomId}/messages")
}
