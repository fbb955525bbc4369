import MatrixAPI

extension Endpoint {
    /// A token that tells another service who the user is.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3useruseridopenidrequest_token
    public static let requestOpenIDToken = Endpoint(
        "requestOpenIdToken", .post, "/_matrix/client/v3/user/{userId}/openid/request_token")

    /// Whom such a token names. Other services ask for it, also of a server that is in no federation.
    ///
    /// https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1openiduserinfo
    public static let exchangeOpenIDToken = Endpoint(
        "exchangeOpenIdToken", .get, "/_matrix/federation/v1/openid/userinfo", authentication: .none)
}
