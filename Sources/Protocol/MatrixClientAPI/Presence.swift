import MatrixAPI

extension Endpoint {
    /// Says whether the user is there.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3presenceuseridstatus
    public static let setPresence = Endpoint("setPresence", .put, "/_matrix/client/v3/presence/{userId}/status")

    /// Whether a user is there.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3presenceuseridstatus
    public static let getPresence = Endpoint("getPresence", .get, "/_matrix/client/v3/presence/{userId}/status")
}
