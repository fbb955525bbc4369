import MatrixAPI

extension Endpoint {
    /// Sets a field of the user's profile.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3profileuseridkeyname
    public static let setProfileField = Endpoint(
        "setProfileField", .put, "/_matrix/client/v3/profile/{userId}/{keyName}")

    /// One field of a profile.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3profileuseridkeyname
    public static let getProfileField = Endpoint(
        "getProfileField", .get, "/_matrix/client/v3/profile/{userId}/{keyName}", authentication: .none)

    /// Removes a field of the user's profile.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#delete_matrixclientv3profileuseridkeyname
    public static let deleteProfileField = Endpoint(
        "deleteProfileField", .delete, "/_matrix/client/v3/profile/{userId}/{keyName}")

    /// A user's profile.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3profileuserid
    public static let getUserProfile = Endpoint(
        "getUserProfile", .get, "/_matrix/client/v3/profile/{userId}", authentication: .none)
}
