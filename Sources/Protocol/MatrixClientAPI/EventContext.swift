import MatrixAPI

extension Endpoint {
    /// An event with those around it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3roomsroomidcontexteventid
    public static let getEventContext = Endpoint(
        "getEventContext", .get, "/_matrix/client/v3/rooms/{roomId}/context/{eventId}")
}
