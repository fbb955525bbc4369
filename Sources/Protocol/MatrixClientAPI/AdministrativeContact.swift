import MatrixAPI

/// Addresses of people: e-mail and telephone.
extension Endpoint {
    /// The user's addresses.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3account3pid
    public static let getAccount3PIDs = Endpoint("getAccount3PIDs", .get, "/_matrix/client/v3/account/3pid")

    /// Adds an address, the old way.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pid
    public static let post3PIDs = Endpoint("post3PIDs", .post, "/_matrix/client/v3/account/3pid")

    /// Adds an address.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidadd
    public static let add3PID = Endpoint("add3PID", .post, "/_matrix/client/v3/account/3pid/add")

    /// Publishes an address at an identity server.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidbind
    public static let bind3PID = Endpoint("bind3PID", .post, "/_matrix/client/v3/account/3pid/bind")

    /// Removes an address.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3piddelete
    public static let delete3pidFromAccount = Endpoint(
        "delete3pidFromAccount", .post, "/_matrix/client/v3/account/3pid/delete")

    /// Takes an address back from an identity server.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidunbind
    public static let unbind3pidFromAccount = Endpoint(
        "unbind3pidFromAccount", .post, "/_matrix/client/v3/account/3pid/unbind")

    /// Asks for a code by e-mail, to add the address.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidemailrequesttoken
    public static let requestTokenTo3PIDEmail = Endpoint(
        "requestTokenTo3PIDEmail", .post, "/_matrix/client/v3/account/3pid/email/requestToken",
        authentication: .none)

    /// Asks for a code by telephone, to add the number.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3account3pidmsisdnrequesttoken
    public static let requestTokenTo3PIDMSISDN = Endpoint(
        "requestTokenTo3PIDMSISDN", .post, "/_matrix/client/v3/account/3pid/msisdn/requestToken",
        authentication: .none)

    /// Asks for a code by e-mail, to sign up.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3registeremailrequesttoken
    public static let requestTokenToRegisterEmail = Endpoint(
        "requestTokenToRegisterEmail", .post, "/_matrix/client/v3/register/email/requestToken",
        authentication: .none)

    /// Asks for a code by telephone, to sign up.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3registermsisdnrequesttoken
    public static let requestTokenToRegisterMSISDN = Endpoint(
        "requestTokenToRegisterMSISDN", .post, "/_matrix/client/v3/register/msisdn/requestToken",
        authentication: .none)

    /// Asks for a code by e-mail, to set a new password.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpasswordemailrequesttoken
    public static let requestTokenToResetPasswordEmail = Endpoint(
        "requestTokenToResetPasswordEmail", .post, "/_matrix/client/v3/account/password/email/requestToken",
        authentication: .none)

    /// Asks for a code by telephone, to set a new password.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountpasswordmsisdnrequesttoken
    public static let requestTokenToResetPasswordMSISDN = Endpoint(
        "requestTokenToResetPasswordMSISDN", .post, "/_matrix/client/v3/account/password/msisdn/requestToken",
        authentication: .none)
}
