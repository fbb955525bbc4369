import MatrixAPI

extension Endpoint {
    /// Ends the user's account for good.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate
    public static let deactivateAccount = Endpoint(
        "deactivateAccount", .post, "/_matrix/client/v3/account/deactivate", authentication: .optionalAccessToken)
}
