import MatrixAPI

extension Endpoint {
    /// The events that the user has been or would have been notified of.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3notifications
    public static let getNotifications = Endpoint("getNotifications", .get, "/_matrix/client/v3/notifications")
}
