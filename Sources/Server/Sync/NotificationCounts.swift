import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import Rooms
import Rules

/// What is counted apart: the main timeline and each thread.
///
/// https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts
enum CountedThread: Hashable, Sendable {
    case main
    case thread(root: EventID)

    init(_ event: RoomEvent) { self = event.threadRoot.map { .thread(root: $0) } ?? .main }
}

/// How far a user has read a room.
struct ReadReach: Sendable, Equatable {
    /// By unthreaded receipts, and by having joined.
    private(set) var everywhere: StreamPosition
    /// By receipts of the thread, and by having written there.
    private(set) var threads: [CountedThread: StreamPosition] = [:]

    init(joined: StreamPosition, receipts: [ReceiptRecord] = []) {
        everywhere = joined
        for receipt in receipts {
            switch receipt.threadID {
            case nil: everywhere = max(everywhere, receipt.eventPosition)
            case RoomService.ReadMark.mainTimeline?: advance(.main, to: receipt.eventPosition)
            case .some(let threadID):
                guard let root = EventID(threadID) else { continue }
                advance(.thread(root: root), to: receipt.eventPosition)
            }
        }
    }

    mutating func advance(_ thread: CountedThread, to position: StreamPosition) {
        threads[thread] = max(threads[thread] ?? .zero, position)
    }

    /// Up to where everything of the thread is read.
    func position(in thread: CountedThread) -> StreamPosition { max(everywhere, threads[thread] ?? .zero) }

    /// Takes what `other` reaches further. Answers the threads in which it does; nil when it does everywhere.
    mutating func advance(to other: ReadReach) -> Set<CountedThread>? {
        let isFurtherEverywhere = other.everywhere > everywhere
        everywhere = max(everywhere, other.everywhere)
        var further: Set<CountedThread> = []
        for (thread, position) in other.threads where position > self.position(in: thread) {
            advance(thread, to: position)
            further.insert(thread)
        }
        guard isFurtherEverywhere else { return further }
        // What is read everywhere needs no entries of its own.
        threads = threads.filter { $0.value > everywhere }
        return nil
    }
}

/// How many events a user has not read in a room, kept up as far as they have been counted.
///
/// Nothing of it is stored: it follows from the receipts and the events, and is counted again when they are not in
/// memory.
struct NotificationCounts: Sendable, Equatable {
    struct Unread: Sendable, Equatable {
        var notificationCount = 0
        var highlightCount = 0
    }

    /// From where events have to be looked at.
    struct Range: Equatable {
        /// Of the main timeline, exclusive.
        var main: StreamPosition
        /// Of the threads, exclusive; before or after ``main``.
        var threads: StreamPosition
    }

    private var reach = ReadReach(joined: .zero)
    /// Everything up to here has been looked at.
    private(set) var countedUpTo: StreamPosition = .zero
    /// Only what is not read.
    private var unread: [CountedThread: Unread] = [:]
    /// Which version of the user's rules they were counted by.
    private var settingsVersion = 0
    /// While counting: the threads that are counted from where they are read; nil for all.
    private var recounted: Set<CountedThread>? = []

    var main: Unread { unread[.main] ?? Unread() }

    /// The threads that have any.
    var threads: [EventID: Unread] {
        var threads: [EventID: Unread] = [:]
        for case (.thread(let root), let unread) in unread { threads[root] = unread }
        return threads
    }

    /// Of all threads together.
    var notificationCount: Int { unread.values.reduce(0) { $0 + $1.notificationCount } }
    var highlightCount: Int { unread.values.reduce(0) { $0 + $1.highlightCount } }

    /// Where counting goes on, given how far the user has read and by which settings he counts.
    mutating func begin(reach: ReadReach, settingsVersion: Int) -> Range {
        let further = self.reach.advance(to: reach)
        guard let further, settingsVersion == self.settingsVersion else {
            self.settingsVersion = settingsVersion
            return beginAgain()
        }
        recounted = further
        for thread in further { unread[thread] = nil }
        var range = Range(main: countedUpTo, threads: countedUpTo)
        for thread in further {
            let start = self.reach.position(in: thread)
            if thread == .main {
                range.main = min(start, range.main)
            } else {
                range.threads = min(start, range.threads)
            }
        }
        return range
    }

    /// Forgets what was counted: an event that was counted may have been redacted.
    mutating func beginAgain() -> Range {
        recounted = nil
        unread = [:]
        countedUpTo = reach.everywhere
        return Range(main: reach.position(in: .main), threads: reach.everywhere)
    }

    var isCountedAnew: Bool { recounted == nil }

    /// - Parameter event: the events are to come in order.
    mutating func count(_ event: RoomEvent, of userID: UserID, actions: () -> PushActions) {
        let thread = CountedThread(event)
        guard event.position > reach.position(in: thread),
            event.position > countedUpTo || recounted?.contains(thread) != false
        else { return }
        if event.sender == userID {
            // Whoever writes has read what stands above.
            reach.advance(thread, to: event.position)
            unread[thread] = nil
            return
        }
        guard event.redactedBecause == nil else { return }
        let actions = actions()
        guard actions.notify || actions.highlight else { return }
        if actions.notify { unread[thread, default: Unread()].notificationCount += 1 }
        if actions.highlight { unread[thread, default: Unread()].highlightCount += 1 }
    }

    mutating func finish(at position: StreamPosition) {
        countedUpTo = max(countedUpTo, position)
        recounted = []
    }
}

extension NotificationCounts {
    /// Writes `unread_notifications`, and `unread_thread_notifications` for a client that wants the threads apart.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync
    func write(byThread: Bool, to writer: inout JSONWriter) {
        let room = byThread ? main : Unread(notificationCount: notificationCount, highlightCount: highlightCount)
        writer.member("unread_notifications", room.json)
        guard byThread, !threads.isEmpty else { return }
        let members = threads.map { ($0.key.string, $0.value.json) }
        writer.member("unread_thread_notifications", .object(JSONObject(members: members)))
    }
}

extension NotificationCounts.Unread {
    fileprivate var json: JSONValue {
        [
            "highlight_count": .integer(Int64(highlightCount)),
            "notification_count": .integer(Int64(notificationCount)),
        ]
    }
}
