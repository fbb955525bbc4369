import MatrixAPI

/// Registration with a shared secret, which tools and tests know from Synapse; the specification has no such thing.
///
/// https://element-hq.github.io/synapse/latest/admin_api/register_api.html
extension Endpoint {
    /// A nonce for one registration.
    public static let getRegistrationNonce = Endpoint(
        "getRegistrationNonce", .get, "/_synapse/admin/v1/register", authentication: .none)

    /// Makes an account for whoever knows the secret.
    public static let registerWithSharedSecret = Endpoint(
        "registerWithSharedSecret", .post, "/_synapse/admin/v1/register", authentication: .none)
}
