import MatrixAPI

extension Endpoint {
    /// Signs this device out.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3logout
    public static let logout = Endpoint("logout", .post, "/_matrix/client/v3/logout")

    /// Signs all of the user's devices out.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3logoutall
    public static let logoutAll = Endpoint("logout_all", .post, "/_matrix/client/v3/logout/all")
}
