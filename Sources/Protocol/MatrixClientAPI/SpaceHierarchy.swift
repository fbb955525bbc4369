import MatrixAPI

extension Endpoint {
    /// The rooms of a space.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy
    public static let getSpaceHierarchy = Endpoint(
        "getSpaceHierarchy", .get, "/_matrix/client/v1/rooms/{roomId}/hierarchy")
}
