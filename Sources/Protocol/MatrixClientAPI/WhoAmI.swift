import MatrixAPI

extension Endpoint {
    /// Whose token it is.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3accountwhoami
    public static let getTokenOwner = Endpoint("getTokenOwner", .get, "/_matrix/client/v3/account/whoami")
}
