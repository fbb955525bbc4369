import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// `/events`: the stream of before `/sync`, which clients that only look into a room still use.
extension SyncService {
    /// The new events of one room or of all that the user is in.
    public struct EventStreamPage: Sendable {
        /// In stream order.
        public let events: [RoomEvent]
        public let start: SyncToken
        public let end: SyncToken
    }

    /// Events of one page.
    private static let maximumStreamEvents = 200
    /// Nothing wakes somebody who is not in the room, so that he looks again after this long.
    private static let peekingIntervalMilliseconds: Int64 = 1_000

    /// Waits until there is a new event, at the longest for the timeout.
    ///
    /// - Parameters:
    ///   - token: nil to begin now.
    ///   - roomID: a room that the user is in or that is world-readable; nil for all that he is in.
    /// - Throws: `M_FORBIDDEN` when the user may not read the room.
    public func events(
        after token: SyncToken?, for viewer: Viewer, in roomID: RoomID?, timeoutMilliseconds: Int64
    ) async throws -> EventStreamPage {
        let stream = try await streams.stream(of: viewer.userID)
        let deadline = environment.timestamp + min(max(timeoutMilliseconds, 0), SyncRequest.maximumTimeoutMilliseconds)
        let start = token ?? SyncToken(position: streams.position)
        while true {
            stream.touch(now: environment.timestamp)
            let version = stream.version
            let now = streams.position
            let events = try await newEvents(of: stream, viewer, in: roomID, after: start.position, upTo: now)
            if !events.isEmpty || environment.timestamp >= deadline || Task.isCancelled {
                let isFull = events.count == Self.maximumStreamEvents
                let end = isFull ? events.last?.position ?? now : max(now, start.position)
                return EventStreamPage(events: events, start: start, end: SyncToken(position: end))
            }
            let next = environment.timestamp + Self.peekingIntervalMilliseconds
            let wait = await streams.wait(
                stream, after: version, until: roomID == nil ? deadline : min(deadline, next))
            wait.finish()
        }
    }

    private func newEvents(
        of stream: UserStream, _ viewer: Viewer, in roomID: RoomID?, after: StreamPosition, upTo: StreamPosition
    ) async throws -> [RoomEvent] {
        var roomIDs = [RoomID]()
        if let roomID {
            roomIDs = [roomID]
        } else {
            roomIDs = stream.rooms(
                changedAfter: SyncToken(position: after), typingBefore: rooms.typing.firstSerial
            ).map(\.1)
                .filter { $0.membership == .join }.map(\.roomID)
        }
        var events: [RoomEvent] = []
        for roomID in roomIDs {
            let page = try await rooms.messages(
                in: roomID, userID: viewer.userID, from: after, to: upTo, direction: .forward,
                limit: Self.maximumStreamEvents
            ) { $0.stateKey != nil || !viewer.ignoredUsers.contains($0.sender) }
            events += page.events
        }
        return Array(events.sorted { $0.position < $1.position }.prefix(Self.maximumStreamEvents))
    }
}
