import MatrixAPI

extension Endpoint {
    /// Where the server of a name is.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixclient
    public static let getWellknown = Endpoint(
        "getWellknown", .get, "/.well-known/matrix/client", authentication: .none)
}
