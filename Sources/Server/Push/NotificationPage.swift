import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// One event that a user was, or would have been, notified of.
public struct PushedEvent: Sendable {
    public let event: RoomEvent
    public let roomID: RoomID
    /// As in the rule that matched.
    public let actions: [JSONValue]
    public let isRead: Bool
}

/// A page of them, the latest first.
public struct NotificationPage: Sendable {
    public let notifications: [PushedEvent]
    /// Where the next page begins: with events before this one. Nil at the end.
    public let next: StreamPosition?
}

/// The list of what a user was notified of. Nothing is stored for it: it is what the rules, as they are now, say of
/// the events of the rooms that the user is in. A message to a room of a thousand costs nothing here.
extension PushService {
    /// Events looked at for one page; a page may hold fewer than was asked for, and there may be a next one still.
    private static let maximumScannedEvents = 2_000
    private static let blockCount = 32

    /// A room's part of the way back: its latest event that has not been looked at is not after `bound`.
    private struct Way {
        let record: MembershipRecord
        var bound: StreamPosition
        /// The latest last.
        var events: [RoomEvent] = []
    }

    /// - Parameters:
    ///   - end: only earlier events; nil for all.
    ///   - onlyHighlights: whether to leave out what is not highlighted.
    public func notifications(
        of userID: UserID, before end: StreamPosition?, limit: Int, onlyHighlights: Bool
    ) async throws -> NotificationPage {
        let last = min(end.map { StreamPosition($0.rawValue - 1) } ?? rooms.position, rooms.position)
        let (records, settings) = try await database.read { store in
            (
                try store.memberships(of: userID),
                PushSettings(rules: try store.pushRules(of: userID), ignoredUsers: try store.ignoredUsers(of: userID))
            )
        }
        var ways = records.filter { [.join, .invite].contains($0.membership) && $0.position <= last }.map { record in
            // Of a room to which the user is invited only that is for him.
            let latest = record.membership == .join ? record.latestChange : record.position
            return Way(record: record, bound: min(last, latest))
        }
        var found: [PushedEvent] = []
        var scannedCount = 0
        // The room whose next event may be the latest is looked at first, so most rooms are never looked at.
        while let index = ways.indices.max(by: { ways[$0].bound < ways[$1].bound }) {
            let room = try await rooms.room(ways[index].record.room)
            guard let event = ways[index].events.popLast() else {
                let events = try await rooms.storedEvents(
                    of: room, after: StreamPosition(ways[index].record.position.rawValue - 1),
                    upTo: ways[index].bound, limit: Self.blockCount)
                ways[index].events = events
                if let latest = events.last { ways[index].bound = latest.position } else { ways.remove(at: index) }
                continue
            }
            let next = ways[index].events.last?.position
            ways[index].bound = next ?? StreamPosition(event.position.rawValue - 1)
            scannedCount += 1
            if let rule = settings.notifyingRule(for: event, in: room),
                !onlyHighlights || rule.pushActions.highlight
            {
                found.append(
                    PushedEvent(
                        event: event, roomID: room.roomID, actions: rule.actions,
                        isRead: room.isRead(event, by: userID)))
            }
            if found.count >= limit || scannedCount >= Self.maximumScannedEvents {
                return NotificationPage(notifications: found, next: event.position)
            }
        }
        return NotificationPage(notifications: found, next: nil)
    }
}
