import MatrixAPI

extension Endpoint {
    /// What is new for the user since a token; waits for it if need be.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync
    public static let sync = Endpoint("sync", .get, "/_matrix/client/v3/sync")
}
