import MatrixAPI

extension Endpoint {
    /// Gives new tokens for a refresh token.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3refresh
    public static let refresh = Endpoint("refresh", .post, "/_matrix/client/v3/refresh", authentication: .none)
}
