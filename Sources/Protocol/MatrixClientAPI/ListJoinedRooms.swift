import MatrixAPI

extension Endpoint {
    /// The rooms that the user is in.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3joined_rooms
    public static let getJoinedRooms = Endpoint("getJoinedRooms", .get, "/_matrix/client/v3/joined_rooms")
}
