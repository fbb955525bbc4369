import MatrixAPI

extension Endpoint {
    /// The public key of the policy server under this name.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#getwell-knownmatrixpolicy_server
    public static let getWellknownPolicy = Endpoint(
        "getWellknownPolicy", .get, "/.well-known/matrix/policy_server", authentication: .none)
}
