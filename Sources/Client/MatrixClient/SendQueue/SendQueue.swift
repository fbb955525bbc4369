import MatrixIdentifiers

/// What waits to be sent in a room.
///
/// An entry is in the store before it is shown, keeps its transaction ID whatever happens, and is sent after those
/// before it: so each arrives once, and in order.
public final class SendQueue: Sendable {
    let roomID: RoomID
    let engine: Engine

    /// More entries of one room are refused.
    public static let maximumEntries = 1_000

    init(roomID: RoomID, engine: Engine) {
        self.roomID = roomID
        self.engine = engine
    }

    public func entries() async -> [QueuedMessage] { await engine.queuedMessages(in: roomID) }

    /// Tries again to send what has failed. It comes after what was sent in between.
    public func resend(_ item: TimelineItem.ID) async throws(ClientError) {
        try await engine.resend(item, in: roomID)
    }

    /// Throws away what has not been sent. What is on its way may be sent all the same, and is redacted then.
    public func cancel(_ item: TimelineItem.ID) async throws(ClientError) {
        try await engine.cancel(item, in: roomID)
    }

    /// Returns when nothing is left that will be sent: everything is sent or has failed.
    public func drained() async { await engine.drained(roomID) }
}

/// An entry of the send queue.
public struct QueuedMessage: Sendable, Identifiable, Equatable {
    public let id: TimelineItem.ID
    public let transactionID: String
    public let type: String
    public let state: SendState
    /// When the server has given it one.
    public let eventID: EventID?
}
