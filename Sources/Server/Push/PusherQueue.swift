import CanonicalJSON
import HomeserverStore

/// What one pusher has still to deliver, and when: decides, and performs nothing.
///
/// One thing at a time is on its way, so that notifications arrive in order. What fails is tried again after a pause
/// that doubles; what is too old or too much is given up, the oldest first.
package struct PusherQueue: Sendable, Equatable {
    /// An event that the user is to be notified of.
    package struct Entry: Sendable, Equatable {
        package let room: RoomNumber
        package let position: StreamPosition
        /// When the event was sent, in milliseconds since 1970.
        package let timestamp: Int64
        package let tweaks: JSONObject

        package init(room: RoomNumber, position: StreamPosition, timestamp: Int64, tweaks: JSONObject) {
            self.room = room
            self.position = position
            self.timestamp = timestamp
            self.tweaks = tweaks
        }
    }

    package enum Action: Sendable, Equatable {
        case notify(Entry)
        /// Tell the unread count alone.
        case updateBadge
    }

    package enum Outcome: Sendable, Equatable {
        /// The gateway has it, with this count.
        case delivered(badge: Int)
        /// There was nothing to tell any more.
        case unneeded
        case failed
    }

    package static let maximumEntries = 50
    /// Nobody wants to be woken for what was said yesterday.
    package static let maximumAgeMilliseconds: Int64 = 86_400_000
    package static let firstPauseMilliseconds: Int64 = 1_000
    package static let longestPauseMilliseconds: Int64 = 3_600_000
    /// A client that reads sends receipts in quick succession; the count is told when it has been quiet.
    package static let badgeDelayMilliseconds: Int64 = 1_000

    package private(set) var entries: [Entry] = []
    /// When the count alone is to be told; nil when it need not be.
    package private(set) var badgeDueAt: Int64?
    package private(set) var isDelivering = false
    package private(set) var failureCount = 0
    package private(set) var retryAt: Int64 = 0
    /// The count that the gateway was told last.
    package private(set) var badge: Int

    package init(badge: Int = 0) { self.badge = badge }

    package var isEmpty: Bool { entries.isEmpty && badgeDueAt == nil }

    /// When there is something to do; nil when there is nothing, or something is on its way.
    package var dueAt: Int64? {
        guard !isDelivering, !isEmpty else { return nil }
        return max(retryAt, entries.isEmpty ? badgeDueAt ?? 0 : 0)
    }

    package mutating func add(_ entry: Entry) {
        entries.append(entry)
        if entries.count > Self.maximumEntries { entries.removeFirst(entries.count - Self.maximumEntries) }
    }

    /// The user has read something elsewhere.
    package mutating func noteRead(now: Int64) { badgeDueAt = now + Self.badgeDelayMilliseconds }

    /// The client has set the pusher anew: what was wrong may be right now.
    package mutating func resetPause() {
        failureCount = 0
        retryAt = 0
    }

    /// What to do now, which then is on its way until ``finish(_:_:now:)``.
    package mutating func next(now: Int64) -> Action? {
        guard !isDelivering else { return nil }
        entries.removeAll { $0.timestamp < now - Self.maximumAgeMilliseconds }
        guard let dueAt, dueAt <= now else { return nil }
        isDelivering = true
        if let entry = entries.first { return .notify(entry) }
        // What is noted from now on is told by another request.
        badgeDueAt = nil
        return .updateBadge
    }

    package mutating func finish(_ action: Action, _ outcome: Outcome, now: Int64) {
        isDelivering = false
        switch outcome {
        case .failed:
            let pause = Self.firstPauseMilliseconds << Int64(min(failureCount, 20))
            failureCount += 1
            retryAt = now + min(pause, Self.longestPauseMilliseconds)
            if action == .updateBadge, badgeDueAt == nil { badgeDueAt = retryAt }
            return
        case .delivered(let badge):
            self.badge = badge
            resetPause()
        case .unneeded: break
        }
        if case .notify(let entry) = action { entries.removeAll { $0.position == entry.position } }
    }

    /// What has to be kept so that nothing is lost, given that every event up to `position` has been looked at.
    package func progress(at position: StreamPosition) -> PusherProgress {
        let isBadgeOutstanding = badgeDueAt != nil || isDelivering
        let behind = entries.first.map { StreamPosition($0.position.rawValue - 1) }
        return PusherProgress(behind: behind ?? (isBadgeOutstanding ? position : nil), badge: badge)
    }
}
