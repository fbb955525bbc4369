import MatrixAPI

/// Events that are sent later. The specification does not have them yet; clients use these paths.
///
/// https://github.com/matrix-org/matrix-spec-proposals/pull/4140
extension Endpoint {
    private static let delayedEvents = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"

    /// Keeps an event for later, as the newer drafts of the proposal have it; the older ones have it in
    /// ``sendMessage`` and ``setRoomStateWithKey``.
    public static let scheduleDelayedEvent = Endpoint(
        "scheduleDelayedEvent", .put,
        "/_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}")

    /// The user's delayed events.
    public static let getDelayedEvents = Endpoint("getDelayedEvents", .get, delayedEvents)

    /// Sends, cancels or restarts a delayed event; what to do stands in the body. The delay ID is a secret, and who has
    /// it may do so without a token.
    public static let updateDelayedEvent = Endpoint(
        "updateDelayedEvent", .post, delayedEvents + "/{delayId}", authentication: .optionalAccessToken)

    /// The same with what to do in the path.
    public static let performOnDelayedEvent = Endpoint(
        "performOnDelayedEvent", .post, delayedEvents + "/{delayId}/{action}", authentication: .optionalAccessToken)
}
