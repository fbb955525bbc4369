import MatrixAPI

extension Endpoint {
    /// Where clients find the parts of OAuth 2.0.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1auth_metadata
    public static let getAuthMetadata = Endpoint(
        "getAuthMetadata", .get, "/_matrix/client/v1/auth_metadata",
        otherPaths: ["/_matrix/client/unstable/org.matrix.msc2965/auth_metadata"], authentication: .none)
}
