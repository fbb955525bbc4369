import MatrixAPI

extension Endpoint {
    /// Sets a state of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey
    public static let setRoomStateWithKey = Endpoint(
        "setRoomStateWithKey", .put, "/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}",
        otherPaths: ["/_matrix/client/v3/rooms/{roomId}/state/{eventType}"])
}
