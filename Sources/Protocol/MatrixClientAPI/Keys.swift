import MatrixAPI

extension Endpoint {
    /// Publishes the device's keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysupload
    public static let uploadKeys = Endpoint("uploadKeys", .post, "/_matrix/client/v3/keys/upload")

    /// The identity keys of users' devices, and their cross-signing keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysquery
    public static let queryKeys = Endpoint("queryKeys", .post, "/_matrix/client/v3/keys/query")

    /// Takes one-time keys of devices.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysclaim
    public static let claimKeys = Endpoint("claimKeys", .post, "/_matrix/client/v3/keys/claim")

    /// Whose keys have changed between two tokens of syncs.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3keyschanges
    public static let getKeysChanges = Endpoint("getKeysChanges", .get, "/_matrix/client/v3/keys/changes")
}
