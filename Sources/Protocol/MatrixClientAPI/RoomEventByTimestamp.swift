import MatrixAPI

extension Endpoint {
    /// The event that is nearest to a moment.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidtimestamp_to_event
    public static let getEventByTimestamp = Endpoint(
        "getEventByTimestamp", .get, "/_matrix/client/v1/rooms/{roomId}/timestamp_to_event")
}
