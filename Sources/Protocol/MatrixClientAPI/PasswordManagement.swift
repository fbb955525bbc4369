import MatrixAPI

extension Endpoint {
    /// Changes the user's password.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpassword
    public static let changePassword = Endpoint(
        "changePassword", .post, "/_matrix/client/v3/account/password", authentication: .optionalAccessToken)
}
