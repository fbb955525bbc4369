import MatrixAPI

extension Endpoint {
    /// Sends a message event.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
    public static let sendMessage = Endpoint(
        "sendMessage", .put, "/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}")
}
