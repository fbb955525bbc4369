import MatrixAPI

extension Endpoint {
    /// Finds users by name.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3user_directorysearch
    public static let searchUserDirectory = Endpoint(
        "searchUserDirectory", .post, "/_matrix/client/v3/user_directory/search")
}
