import MatrixAPI

extension Endpoint {
    /// Where a user was last seen.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3adminwhoisuserid
    public static let getWhoIs = Endpoint("getWhoIs", .get, "/_matrix/client/v3/admin/whois/{userId}")

    /// Whether an account is suspended.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1adminsuspenduserid
    public static let getAdminSuspendUser = Endpoint(
        "getAdminSuspendUser", .get, "/_matrix/client/v1/admin/suspend/{userId}")

    /// Suspends an account, or ends that.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv1adminsuspenduserid
    public static let setAdminSuspendUser = Endpoint(
        "setAdminSuspendUser", .put, "/_matrix/client/v1/admin/suspend/{userId}")

    /// Whether an account is locked.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1adminlockuserid
    public static let getAdminLockUser = Endpoint(
        "getAdminLockUser", .get, "/_matrix/client/v1/admin/lock/{userId}")

    /// Locks an account, or ends that.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv1adminlockuserid
    public static let setAdminLockUser = Endpoint(
        "setAdminLockUser", .put, "/_matrix/client/v1/admin/lock/{userId}")
}
