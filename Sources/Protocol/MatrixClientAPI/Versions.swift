import MatrixAPI

extension Endpoint {
    /// The versions of the specification that are served.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientversions
    public static let getVersions = Endpoint(
        "getVersions", .get, "/_matrix/client/versions", authentication: .optionalAccessToken)
}
