import MatrixAPI

extension Endpoint {
    /// Whether a registration token opens the door.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1registermloginregistration_tokenvalidity
    public static let registrationTokenValidity = Endpoint(
        "registrationTokenValidity", .get, "/_matrix/client/v1/register/m.login.registration_token/validity",
        authentication: .none)
}
