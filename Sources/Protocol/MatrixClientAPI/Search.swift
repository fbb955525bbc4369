import MatrixAPI

extension Endpoint {
    /// Finds messages.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3search
    public static let search = Endpoint("search", .post, "/_matrix/client/v3/search")
}
