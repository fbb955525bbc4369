/// The user's rooms, newest first; favourites before them, those of low priority after them, invitations on top.
public final class RoomList: Sendable {
    let engine: Engine

    init(engine: Engine) { self.engine = engine }

    /// The rooms now, without those that one has left.
    public func rooms() async -> [RoomSummary] { await engine.roomSummaries() }

    /// The whole list, now and after each change. Whoever is slow sees the latest and misses those between.
    public func updates() async -> AsyncStream<[RoomSummary]> { await engine.roomListUpdates() }
}
