import MatrixAPI

extension Endpoint {
    /// Asks to be let into a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3knockroomidoralias
    public static let knockRoom = Endpoint("knockRoom", .post, "/_matrix/client/v3/knock/{roomIdOrAlias}")
}
