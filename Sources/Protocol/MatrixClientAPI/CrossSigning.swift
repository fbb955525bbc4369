import MatrixAPI

extension Endpoint {
    /// Publishes the user's cross-signing keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysdevice_signingupload
    public static let uploadCrossSigningKeys = Endpoint(
        "uploadCrossSigningKeys", .post, "/_matrix/client/v3/keys/device_signing/upload")

    /// Adds signatures that the user has made to keys.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keyssignaturesupload
    public static let uploadCrossSigningSignatures = Endpoint(
        "uploadCrossSigningSignatures", .post, "/_matrix/client/v3/keys/signatures/upload")
}
