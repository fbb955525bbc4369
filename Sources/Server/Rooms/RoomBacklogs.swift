import HomeserverStore
import Synchronization

/// Stretches of history from just before what the rooms' views keep, each read once for everybody who is behind.
///
/// When the members of a busy room fall behind further than the view reaches, each of them needs the same events to
/// count what he has not read. If each read them from the store, all would fall behind further, and would not recover.
/// So the first who needs a stretch reads it, those who come meanwhile wait for that one read, and who comes later
/// finds it here. The stretches are bounded together; without one, somebody reads again.
final class RoomBacklogs: Sendable {
    /// Every event after `start` up to `end`, the earliest first.
    private struct Stretch {
        var start: StreamPosition
        var end: StreamPosition
        var events: [RoomEvent]
        /// ``Room/redactionCount`` before the events were read: after another redaction they may show too much.
        let redactionCount: Int
        var frontLimit = RoomBacklogs.firstFrontLimit
        var lastUsed: Int64 = 0

        /// Older events are not kept, whoever asks for them.
        var isFull: Bool { events.count >= RoomBacklogs.maximumEvents || start == .zero }
        var byteCount: Int { events.reduce(0) { $0 + $1.byteCount } }
    }

    private struct State {
        var stretches: [RoomNumber: Stretch] = [:]
        var loading: [RoomNumber: Task<Void, any Error>] = [:]
        var byteCount = 0
        var useCount: Int64 = 0
    }

    private enum Step {
        case ready([RoomEvent])
        case wait(Task<Void, any Error>)
    }

    /// Events kept of one room; who is behind further gets no more than these.
    static let maximumEvents = 2_000
    /// Whoever is behind further than the one before him has more read than he needs, for those who follow.
    private static let firstFrontLimit = 128
    private static let byteBudget = 16 << 20

    private let state = Mutex(State())

    /// The events after `after` up to `end`, the earliest first; of very many the latest.
    ///
    /// - Parameter read: reads the latest events in a range from the store: after, up to, at most how many.
    func events(
        of room: Room, after: StreamPosition, upTo end: StreamPosition,
        read: @escaping @Sendable (StreamPosition, StreamPosition, Int) async throws -> [RoomEvent]
    ) async throws -> [RoomEvent] {
        while true {
            switch state.withLock({ Self.step(in: &$0, of: room, after: after, upTo: end, self, read) }) {
            case .ready(let events): return events
            case .wait(let loading): try await loading.value
            }
        }
    }

    private static func step(
        in state: inout State, of room: Room, after: StreamPosition, upTo end: StreamPosition, _ backlogs: RoomBacklogs,
        _ read: @escaping @Sendable (StreamPosition, StreamPosition, Int) async throws -> [RoomEvent]
    ) -> Step {
        if let loading = state.loading[room.number] { return .wait(loading) }
        drop(ifStale: room, in: &state)
        let (from, upTo, limit): (StreamPosition, StreamPosition, Int)
        switch state.stretches[room.number] {
        case .some(let stretch) where stretch.end < after || stretch.start > end: fallthrough
        case nil: (from, upTo, limit) = (after, end, maximumEvents)
        case .some(let stretch) where stretch.end < end: (from, upTo, limit) = (stretch.end, end, maximumEvents)
        case .some(let stretch) where stretch.start > after && !stretch.isFull:
            (from, upTo, limit) = (.zero, stretch.start, stretch.frontLimit)
        case .some(let stretch):
            state.useCount += 1
            state.stretches[room.number]?.lastUsed = state.useCount
            return .ready(stretch.events.filter { $0.position > after && $0.position <= end })
        }
        let redactionCount = room.redactionCount
        let loading = Task {
            defer { backlogs.state.withLock { $0.loading[room.number] = nil } }
            let events = try await read(from, upTo, limit)
            let part = Stretch(
                start: events.count < limit ? from : StreamPosition(events[0].position.rawValue - 1), end: upTo,
                events: events, redactionCount: redactionCount)
            backlogs.state.withLock { add(part, to: room, in: &$0) }
        }
        state.loading[room.number] = loading
        return .wait(loading)
    }

    private static func drop(ifStale room: Room, in state: inout State) {
        guard let stretch = state.stretches[room.number], stretch.redactionCount != room.redactionCount else { return }
        remove(room.number, in: &state)
    }

    private static func remove(_ room: RoomNumber, in state: inout State) {
        guard let stretch = state.stretches.removeValue(forKey: room) else { return }
        state.byteCount -= stretch.byteCount
    }

    /// Joins what was read with what is there, when the one goes on where the other ends.
    private static func add(_ part: Stretch, to room: Room, in state: inout State) {
        var stretch = part
        if let present = state.stretches[room.number], present.redactionCount == part.redactionCount {
            if part.start == present.end {
                stretch = present
                stretch.events += part.events
                stretch.end = part.end
            } else if part.end == present.start {
                stretch = present
                stretch.events = part.events + present.events
                stretch.start = part.start
                stretch.frontLimit = min(present.frontLimit * 4, maximumEvents)
            }
        }
        let excess = stretch.events.count - maximumEvents
        if excess > 0 {
            stretch.start = stretch.events[excess - 1].position
            stretch.events.removeFirst(excess)
        }
        remove(room.number, in: &state)
        state.useCount += 1
        stretch.lastUsed = state.useCount
        state.stretches[room.number] = stretch
        state.byteCount += stretch.byteCount
        while state.byteCount > byteBudget, state.stretches.count > 1,
            let oldest = state.stretches.min(by: { $0.value.lastUsed < $1.value.lastUsed })
        {
            remove(oldest.key, in: &state)
        }
    }
}

extension RoomService {
    /// The events after `after` that are no longer in the room's view, up to `end` (its ``RoomView/timelineStart``),
    /// the earliest first; of very many the latest. Shared by everybody who is behind.
    public func backlog(
        of room: Room, after: StreamPosition, upTo end: StreamPosition
    ) async throws -> [RoomEvent] {
        guard after < end else { return [] }
        return try await backlogs.events(of: room, after: after, upTo: end) { [self] after, end, limit in
            try await storedEvents(of: room, after: after, upTo: end, limit: limit)
        }
    }
}
