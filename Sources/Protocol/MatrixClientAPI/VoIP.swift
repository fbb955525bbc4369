import MatrixAPI

extension Endpoint {
    /// Servers that relay the media of calls.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3voipturnserver
    public static let getTurnServer = Endpoint("getTurnServer", .get, "/_matrix/client/v3/voip/turnServer")
}
