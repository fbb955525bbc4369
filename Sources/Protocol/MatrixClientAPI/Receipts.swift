import MatrixAPI

extension Endpoint {
    /// Sets how far the user has read a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidreceiptreceipttypeeventid
    public static let postReceipt = Endpoint(
        "postReceipt", .post, "/_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}")
}
