import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// Counts what a user has not read, by his push rules.
///
/// https://spec.matrix.org/v1.19/client-server-api/#calculating-unread-message-counts
struct NotificationCounter: Sendable {
    /// A user who has not read a room for longer than this sees this many.
    private static let maximumCountedEvents = 2_000

    let rooms: RoomService

    /// - Parameter joined: since when the user has been in the room.
    func counts(
        for stream: UserStream, in room: Room, since joined: StreamPosition, upTo position: StreamPosition,
        settings: UserSettings
    ) async throws -> NotificationCounts {
        let userID = stream.userID
        let receipts = room.read { $0.receipts.receipts(of: userID) }
        var counts = stream.counts(in: room.number) ?? NotificationCounts()
        var range = counts.begin(
            reach: ReadReach(joined: joined, receipts: receipts), settingsVersion: settings.countingVersion)
        var events = try await events(of: room, in: range, upTo: position)
        let isRedacted = events.contains { $0.type == EventType.roomRedaction && $0.position > counts.countedUpTo }
        if isRedacted, !counts.isCountedAnew {
            range = counts.beginAgain()
            events = try await self.events(of: room, in: range, upTo: position)
        }
        if let facts = events.isEmpty ? nil : RoomPushFacts(room, userID: userID) {
            for event in events where !settings.ignoredUsers.contains(event.sender) {
                counts.count(event, of: userID) { settings.pushRules.evaluate(facts.facts(of: event)) }
            }
        }
        counts.finish(at: position)
        stream.setCounts(counts, in: room.number)
        return counts
    }

    /// The events of the range in order: all of those that may count, and some that do not.
    private func events(
        of room: Room, in range: NotificationCounts.Range, upTo position: StreamPosition
    ) async throws -> [RoomEvent] {
        let start = min(range.main, range.threads)
        guard start < position else { return [] }
        let (timeline, timelineStart) = room.read { ($0.timeline, $0.timelineStart) }
        if start >= timelineStart {
            // From the end: of a room that is in memory, usually all but the latest has been counted.
            let first = timeline.lastIndex { $0.position <= start }.map { $0 + 1 } ?? 0
            return timeline[first...].filter { $0.position <= position }
        }
        // Of what is read in the main timeline, only threads can hold something that is not.
        let threaded = try await rooms.storedThreadedEvents(
            of: room, after: range.threads, upTo: min(range.main, position), limit: Self.maximumCountedEvents)
        let backlog = try await rooms.backlog(of: room, after: range.main, upTo: min(timelineStart, position))
        return threaded + backlog + timeline.filter { $0.position > range.main && $0.position <= position }
    }
}

/// What push rules ask about the room of an event.
private struct RoomPushFacts {
    private let room: Room
    private let displayName: String?
    private let memberCount: Int
    private let powerLevels: PowerLevels

    init?(_ room: Room, userID: UserID) {
        guard let powerLevels = room.powerLevels else { return nil }
        self.room = room
        self.powerLevels = powerLevels
        let (member, count) = room.read { ($0.state[EventType.roomMember, userID.string], $0.joinedCount) }
        displayName = member?.content["displayname"]?.stringValue
        memberCount = count
    }

    func facts(of event: RoomEvent) -> PushEventFacts {
        PushEventFacts(
            roomID: room.roomID, sender: event.sender, type: event.type, stateKey: event.stateKey,
            content: event.content, memberCount: memberCount, displayName: displayName, powerLevels: powerLevels)
    }
}
