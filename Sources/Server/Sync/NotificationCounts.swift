import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// How many events a user has not read in a room, kept up as far as they have been counted.
///
/// Nothing of it is stored: it follows from the receipts and the events, and is counted again when they are not in
/// memory.
struct NotificationCounts: Sendable, Equatable {
    /// Everything up to here is read.
    private(set) var readUpTo: StreamPosition = .zero
    /// Everything up to here has been looked at.
    private(set) var countedUpTo: StreamPosition = .zero
    private(set) var notificationCount = 0
    private(set) var highlightCount = 0

    /// Where counting goes on, given how far the user's receipts reach.
    mutating func begin(receiptsReach position: StreamPosition) -> StreamPosition {
        if position > readUpTo {
            readUpTo = position
            countedUpTo = position
            notificationCount = 0
            highlightCount = 0
        }
        return countedUpTo
    }

    /// Forgets what was counted: an event that was counted may have been redacted.
    mutating func beginAgain() -> StreamPosition {
        countedUpTo = readUpTo
        notificationCount = 0
        highlightCount = 0
        return countedUpTo
    }

    mutating func count(_ event: RoomEvent, of userID: UserID, actions: () -> PushActions) {
        guard event.position > countedUpTo else { return }
        countedUpTo = event.position
        if event.sender == userID {
            // Whoever writes has read what stands above.
            readUpTo = event.position
            notificationCount = 0
            highlightCount = 0
            return
        }
        guard event.redactedBecause == nil else { return }
        let actions = actions()
        if actions.notify { notificationCount += 1 }
        if actions.highlight { highlightCount += 1 }
    }

    mutating func finish(at position: StreamPosition) { countedUpTo = max(countedUpTo, position) }
}

/// Counts what a user has not read, by his push rules.
///
/// https://spec.matrix.org/v1.19/client-server-api/#calculating-unread-message-counts
struct NotificationCounter: Sendable {
    let rooms: RoomService

    func counts(
        for stream: UserStream, in room: Room, since joined: StreamPosition, upTo position: StreamPosition,
        settings: UserSettings
    ) async throws -> NotificationCounts {
        let userID = stream.userID
        let (reach, member, timelineStart, timeline, count) = room.read { view in
            let receipts = view.receipts.receipts(of: userID).filter { $0.threadID == nil || $0.threadID == "main" }
            return (
                max(joined, receipts.map(\.eventPosition).max() ?? .zero),
                view.state[EventType.roomMember, userID.string],
                view.timelineStart, view.timeline, view.joinedCount
            )
        }
        var counts = stream.counts(in: room.number) ?? NotificationCounts()
        var start = counts.begin(receiptsReach: reach)
        guard start < position, let levels = room.powerLevels else { return counts }
        let isRedacted = timeline.contains { $0.type == EventType.roomRedaction && $0.position > start }
        if isRedacted { start = counts.beginAgain() }
        let events =
            start >= timelineStart
            ? timeline
            : try await rooms.backlog(of: room, after: start, upTo: timelineStart) + timeline
        for event in events
        where event.position > start && event.position <= position && !settings.ignoredUsers.contains(event.sender) {
            counts.count(event, of: userID) {
                settings.pushRules.evaluate(
                    PushEventFacts(
                        roomID: room.roomID, sender: event.sender, type: event.type, stateKey: event.stateKey,
                        content: event.content, memberCount: count,
                        displayName: member?.content["displayname"]?.stringValue, powerLevels: levels))
            }
        }
        counts.finish(at: position)
        stream.setCounts(counts, in: room.number)
        return counts
    }
}
