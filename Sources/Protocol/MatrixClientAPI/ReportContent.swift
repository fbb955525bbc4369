import MatrixAPI

extension Endpoint {
    /// Tells the operators of a room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidreport
    public static let reportRoom = Endpoint("reportRoom", .post, "/_matrix/client/v3/rooms/{roomId}/report")

    /// Tells the operators of an event.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3roomsroomidreporteventid
    public static let reportEvent = Endpoint(
        "reportEvent", .post, "/_matrix/client/v3/rooms/{roomId}/report/{eventId}")

    /// Tells the operators of a user.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3usersuseridreport
    public static let reportUser = Endpoint("reportUser", .post, "/_matrix/client/v3/users/{userId}/report")
}
