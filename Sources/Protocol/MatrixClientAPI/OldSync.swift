import MatrixAPI

extension Endpoint {
    /// New events of the user's rooms; deprecated.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3events
    public static let getEvents = Endpoint("getEvents", .get, "/_matrix/client/v3/events")

    /// The user's rooms; deprecated.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3initialsync
    public static let initialSync = Endpoint("initialSync", .get, "/_matrix/client/v3/initialSync")

    /// One event, whatever its room; deprecated.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3eventseventid
    public static let getOneEvent = Endpoint("getOneEvent", .get, "/_matrix/client/v3/events/{eventId}")
}
