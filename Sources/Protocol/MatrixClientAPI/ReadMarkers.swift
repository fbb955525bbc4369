import MatrixAPI

extension Endpoint {
    /// Sets how far the user has read a room, marker and receipts at once.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidread_markers
    public static let setReadMarker = Endpoint(
        "setReadMarker", .post, "/_matrix/client/v3/rooms/{roomId}/read_markers")
}
