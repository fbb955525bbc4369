import MatrixAPI

extension Endpoint {
    /// A token that signs another client of the user in, once.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv1loginget_token
    public static let generateLoginToken = Endpoint(
        "generateLoginToken", .post, "/_matrix/client/v1/login/get_token")
}
