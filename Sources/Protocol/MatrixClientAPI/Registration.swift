import MatrixAPI

extension Endpoint {
    /// Makes an account.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3register
    public static let register = Endpoint("register", .post, "/_matrix/client/v3/register", authentication: .none)

    /// Whether a user name is free.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3registeravailable
    public static let checkUsernameAvailability = Endpoint(
        "checkUsernameAvailability", .get, "/_matrix/client/v3/register/available", authentication: .none)
}
