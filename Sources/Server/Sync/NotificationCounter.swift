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
        var history = try await history(of: room, in: range)
        var events = history.events.filter { $0.position <= position }
        let isRedacted = events.contains { $0.type == EventType.roomRedaction && $0.position > counts.countedUpTo }
        if isRedacted, !counts.isCountedAnew {
            range = counts.beginAgain()
            history = try await self.history(of: room, in: range)
            events = history.events.filter { $0.position <= position }
        }
        if let facts = events.isEmpty ? nil : RoomPushFacts(room, userID: userID) {
            let memberCounts = history.memberCounts
            for event in events where !settings.ignoredUsers.contains(event.sender) {
                counts.count(event, of: userID) {
                    settings.pushRules.evaluate(
                        facts.facts(of: event, memberCount: memberCounts.count(at: event.position)))
                }
            }
        }
        counts.finish(at: position)
        stream.setCounts(counts, in: room.number)
        return counts
    }

    /// What has happened in a room, up to now.
    private struct History {
        /// In order: all that may count, and some that do not.
        var events: ArraySlice<RoomEvent> = []
        /// Where the events begin to be all there are: before it are only those of threads.
        var start: StreamPosition
        /// Who is in the room after the last event.
        var memberCount: Int

        var memberCounts: MemberCounts {
            MemberCounts(now: memberCount, events: events.drop { $0.position <= start })
        }
    }

    private func history(of room: Room, in range: NotificationCounts.Range) async throws -> History {
        let start = min(range.main, range.threads)
        let (timeline, timelineStart, memberCount) = room.read { ($0.timeline, $0.timelineStart, $0.joinedCount) }
        var history = History(start: range.main, memberCount: memberCount)
        if start >= timelineStart {
            // From the end: of a room that is in memory, usually all but the latest has been counted.
            let first = timeline.lastIndex { $0.position <= start }.map { $0 + 1 } ?? 0
            history.events = timeline[first...]
            history.start = start
            return history
        }
        // Of what is read in the main timeline, only threads can hold something that is not.
        let threaded = try await rooms.storedThreadedEvents(
            of: room, after: range.threads, upTo: range.main, limit: Self.maximumCountedEvents)
        let backlog = try await rooms.backlog(of: room, after: range.main, upTo: timelineStart)
        history.events = ArraySlice(threaded + backlog + timeline.filter { $0.position > range.main })
        return history
    }
}

/// How many people were in a room when something was said there: so many as are there now, without those who came
/// later and with those who have gone since.
///
/// https://spec.matrix.org/v1.19/client-server-api/#conditions
struct MemberCounts: Sendable {
    /// From each position on, the earliest first.
    private var changes: [(position: StreamPosition, count: Int)] = []
    /// Before the first change.
    private var first: Int

    /// - Parameters:
    ///   - count: after the last event.
    ///   - events: all of a stretch up to now, the earliest first.
    init(now count: Int, events: some BidirectionalCollection<RoomEvent>) {
        first = count
        for event in events.reversed() where event.type == EventType.roomMember {
            let difference = Self.difference(event)
            guard difference != 0 else { continue }
            changes.append((event.position, first))
            first -= difference
        }
        changes.reverse()
    }

    /// Of an event that was redacted it is not known what it took the place of.
    private static func difference(_ event: RoomEvent) -> Int {
        guard event.redactedBecause == nil else { return 0 }
        let (before, after) = (event.replaced?.content["membership"], event.content["membership"])
        return (after == "join" ? 1 : 0) - (before == "join" ? 1 : 0)
    }

    /// After the event at a position.
    func count(at position: StreamPosition) -> Int {
        changes.last { $0.position <= position }?.count ?? first
    }
}

/// What push rules ask about the room of an event.
private struct RoomPushFacts {
    private let room: Room
    private let displayName: String?
    private let powerLevels: PowerLevels

    init?(_ room: Room, userID: UserID) {
        guard let powerLevels = room.powerLevels else { return nil }
        self.room = room
        self.powerLevels = powerLevels
        let member = room.read { $0.state[EventType.roomMember, userID.string] }
        displayName = member?.content["displayname"]?.stringValue
    }

    func facts(of event: RoomEvent, memberCount: Int) -> PushEventFacts {
        PushEventFacts(
            roomID: room.roomID, sender: event.sender, type: event.type, stateKey: event.stateKey,
            content: event.content, memberCount: memberCount, displayName: displayName, powerLevels: powerLevels)
    }
}
