import MatrixAPI

extension Endpoint {
    /// Sends the browser to our sign-in page.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3loginssoredirect
    public static let redirectToSSO = Endpoint(
        "redirectToSSO", .get, "/_matrix/client/v3/login/sso/redirect", authentication: .none)

    /// The same for one of several providers, of which there is none.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3loginssoredirectidpid
    public static let redirectToIDP = Endpoint(
        "redirectToIdP", .get, "/_matrix/client/v3/login/sso/redirect/{idpId}", authentication: .none)
}
