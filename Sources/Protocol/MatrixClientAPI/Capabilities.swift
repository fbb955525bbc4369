import MatrixAPI

extension Endpoint {
    /// What the server lets its users do.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3capabilities
    public static let getCapabilities = Endpoint("getCapabilities", .get, "/_matrix/client/v3/capabilities")
}
