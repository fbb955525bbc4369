import MatrixAPI

extension Endpoint {
    /// Takes an event's content away.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid
    public static let redactEvent = Endpoint(
        "redactEvent", .put, "/_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}")
}
