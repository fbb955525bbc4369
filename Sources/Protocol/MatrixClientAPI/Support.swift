import MatrixAPI

extension Endpoint {
    /// Whom to turn to about this server.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixsupport
    public static let getWellknownSupport = Endpoint(
        "getWellknownSupport", .get, "/.well-known/matrix/support", authentication: .none)
}
