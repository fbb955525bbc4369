import MatrixAPI

extension Endpoint {
    /// Rooms that the user and another are both in.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mutual_rooms
    public static let getMutualRooms = Endpoint(
        "getMutualRooms", .get, "/_matrix/client/v1/mutual_rooms",
        otherPaths: ["/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms"])
}
