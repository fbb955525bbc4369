import MatrixAPI

extension Endpoint {
    /// Where the user's notifications are sent.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3pushers
    public static let getPushers = Endpoint("getPushers", .get, "/_matrix/client/v3/pushers")

    /// Has notifications sent somewhere, or no longer.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3pushersset
    public static let postPusher = Endpoint("postPusher", .post, "/_matrix/client/v3/pushers/set")
}
