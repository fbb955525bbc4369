import MatrixAPI

extension Endpoint {
    /// Makes a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom
    public static let createRoom = Endpoint("createRoom", .post, "/_matrix/client/v3/createRoom")
}
