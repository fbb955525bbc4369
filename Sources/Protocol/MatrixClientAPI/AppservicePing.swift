import MatrixAPI

extension Endpoint {
    /// Has the server call the application service back.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#post_matrixclientv1appserviceappserviceidping
    public static let pingAppservice = Endpoint(
        "pingAppservice", .post, "/_matrix/client/v1/appservice/{appserviceId}/ping",
        otherPaths: ["/_matrix/client/unstable/fi.mau.msc2659/appservice/{appserviceId}/ping"])
}
