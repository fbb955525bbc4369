import MatrixAPI

extension Endpoint {
    /// What may be shown of a room before joining it. The OpenAPI file asks for a signed request by mistake; the prose
    /// lets anybody ask. The other paths are those of nheko.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1room_summaryroomidoralias
    public static let getRoomSummary = Endpoint(
        "getRoomSummary", .get, "/_matrix/client/v1/room_summary/{roomIdOrAlias}",
        otherPaths: [
            "/_matrix/client/unstable/im.nheko.summary/rooms/{roomIdOrAlias}/summary",
            "/_matrix/client/unstable/im.nheko.summary/summary/{roomIdOrAlias}",
        ],
        authentication: .optionalAccessToken)
}
