import MatrixAPI

extension Endpoint {
    /// New events of one room, which the user need not be in. The same method and path as ``getEvents``; the query
    /// names the room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3events-1
    public static let peekEvents = Endpoint("peekEvents", .get, "/_matrix/client/v3/events")
}
