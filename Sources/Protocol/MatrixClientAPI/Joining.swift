import MatrixAPI

extension Endpoint {
    /// Joins a room by its ID.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidjoin
    public static let joinRoomByID = Endpoint("joinRoomById", .post, "/_matrix/client/v3/rooms/{roomId}/join")

    /// Joins a room by its ID or an alias.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3joinroomidoralias
    public static let joinRoom = Endpoint("joinRoom", .post, "/_matrix/client/v3/join/{roomIdOrAlias}")
}
