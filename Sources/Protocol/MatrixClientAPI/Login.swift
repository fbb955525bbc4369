import MatrixAPI

extension Endpoint {
    /// The ways to sign in.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3login
    public static let getLoginFlows = Endpoint(
        "getLoginFlows", .get, "/_matrix/client/v3/login", authentication: .none)

    /// Signs a user in on a device.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3login
    public static let login = Endpoint("login", .post, "/_matrix/client/v3/login", authentication: .none)
}
