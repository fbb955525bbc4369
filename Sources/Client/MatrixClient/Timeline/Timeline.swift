import MatrixIdentifiers

/// A room's conversation, as far as it is loaded. Live while something holds it.
public final class Timeline: Sendable {
    public let roomID: RoomID
    let engine: Engine
    let token: TimelineToken

    /// Items beyond these are not loaded into one timeline.
    public static let maximumEvents = 5_000

    init(roomID: RoomID, engine: Engine, token: TimelineToken) {
        self.roomID = roomID
        self.engine = engine
        self.token = token
    }

    /// The conversation now.
    public func snapshot() async -> TimelineSnapshot { await engine.snapshot(of: token) }

    /// The conversation, now and after each change. Whoever is slow sees the latest and misses those between.
    public func updates() async -> AsyncStream<TimelineSnapshot> { await engine.updates(of: token) }

    /// Loads earlier messages: from the device, and where it has none, from the server.
    ///
    /// - Parameter count: about how many events; 1 … 100.
    /// - Returns: whether there may be still earlier ones.
    /// - Throws: when the server must be asked and cannot be.
    @discardableResult
    public func loadEarlier(_ count: Int = 50) async throws(ClientError) -> Bool {
        try await engine.loadEarlier(token, count: count)
    }
}
