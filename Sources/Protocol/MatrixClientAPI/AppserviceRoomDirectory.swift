import MatrixAPI

extension Endpoint {
    /// Puts a room into an application service's directory of a network, or takes it out.
    ///
    /// https://spec.matrix.org/v1.19/application-service-api/#put_matrixclientv3directorylistappservicenetworkidroomid
    public static let updateAppserviceRoomDirectoryVisibility = Endpoint(
        "updateAppserviceRoomDirectoryVisibility", .put,
        "/_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}")
}
