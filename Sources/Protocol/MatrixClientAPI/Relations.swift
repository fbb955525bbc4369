import MatrixAPI

extension Endpoint {
    /// The events that relate to one.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidrelationseventid
    public static let getRelatingEvents = Endpoint(
        "getRelatingEvents", .get, "/_matrix/client/v1/rooms/{roomId}/relations/{eventId}")

    /// Those that relate to it in one way.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltype
    public static let getRelatingEventsWithRelType = Endpoint(
        "getRelatingEventsWithRelType", .get, "/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}")

    /// Those of one type that relate to it in one way.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype
    public static let getRelatingEventsWithRelTypeAndEventType = Endpoint(
        "getRelatingEventsWithRelTypeAndEventType", .get,
        "/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}")
}
