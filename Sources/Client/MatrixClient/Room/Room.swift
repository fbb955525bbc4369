import MatrixIdentifiers

/// One room, and what can be done in it. Cheap: it holds an identifier and reads what is there when it is asked.
public final class Room: Sendable, Identifiable {
    public let id: RoomID
    let engine: Engine

    init(id: RoomID, engine: Engine) {
        self.id = id
        self.engine = engine
    }

    /// Nil when the session knows no such room.
    public func summary() async -> RoomSummary? { await engine.summary(of: id) }

    /// The conversation, with what is stored on the device loaded.
    ///
    /// - Parameter count: how many of the latest events at first.
    public func timeline(latest count: Int = 50) async throws(ClientError) -> Timeline {
        try await engine.openTimeline(of: id, count: count)
    }

    /// What waits to be sent in this room.
    public var sendQueue: SendQueue { SendQueue(roomID: id, engine: engine) }
}
