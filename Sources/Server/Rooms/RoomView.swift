import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// What readers see of a room: everything in it is durable.
public struct RoomView: Sendable {
    public private(set) var state: StateMap
    public private(set) var joinedCount: Int
    public private(set) var invitedCount: Int
    /// The latest events, the earliest first.
    public private(set) var timeline: [RoomEvent]
    /// Every event after this position is in ``timeline``.
    public private(set) var timelineStart: StreamPosition
    public private(set) var receipts: RoomReceipts
    /// Where the state came from, in order, so that its latest changes are found without looking at all of it. An
    /// entry whose place another event has taken means nothing any more.
    private var stateLog: [(position: StreamPosition, tuple: StateTuple)]
    private var stateLogLimit = 0

    /// Events kept in memory of a room that is being written to, so that members who have fallen behind by a fraction
    /// of a second need not go to the store, which would make them fall behind further.
    package static let maximumTimelineCount = 256
    /// Events read when a room is loaded: what a client shows first.
    static let loadedTimelineCount = 20

    init(state: StateMap, timeline: [RoomEvent], timelineStart: StreamPosition, receipts: [ReceiptRecord]) {
        self.state = state
        self.timeline = timeline
        self.timelineStart = timelineStart
        self.receipts = RoomReceipts(receipts)
        joinedCount = 0
        invitedCount = 0
        stateLog = []
        writeStateLog()
        for member in state.events(ofType: EventType.roomMember) { count(member.pdu.membership, by: 1) }
    }

    /// About how much memory the view takes.
    var byteCount: Int {
        let events = state.all.reduce(0) { $0 + $1.byteCount } + timeline.reduce(0) { $0 + $1.byteCount }
        return events + receipts.count * 300
    }

    public var latestPosition: StreamPosition { timeline.last?.position ?? timelineStart }

    mutating func apply(_ event: RoomEvent) {
        if event.type == EventType.roomMember, let stateKey = event.stateKey {
            count(state[EventType.roomMember, stateKey]?.pdu.membership, by: -1)
            count(event.pdu.membership, by: 1)
        }
        state.insert(event)
        if let tuple = event.pdu.stateTuple {
            stateLog.append((event.position, tuple))
            if stateLog.count > stateLogLimit { writeStateLog() }
        }
        timeline.append(event)
        // Trimmed in blocks, since each trimming moves all that stay.
        if timeline.count >= Self.maximumTimelineCount * 2 {
            let excess = timeline.count - Self.maximumTimelineCount
            timelineStart = timeline[excess - 1].position
            timeline.removeFirst(excess)
        }
    }

    /// Notes that other events are shown with the one at `position` from now on.
    mutating func noteAggregations(at position: StreamPosition) {
        guard let index = timeline.lastIndex(where: { $0.position <= position }),
            timeline[index].position == position, !timeline[index].hasAggregations
        else { return }
        timeline[index] = timeline[index].aggregating()
    }

    /// The events of the present state that came after `position`, the earliest first.
    public func stateChanges(after position: StreamPosition) -> [RoomEvent] {
        var changes: [RoomEvent] = []
        for entry in stateLog.reversed() {
            guard entry.position > position else { break }
            if let event = state[entry.tuple], event.position == entry.position { changes.append(event) }
        }
        return changes.reversed()
    }

    private mutating func writeStateLog() {
        let events = state.all.sorted { $0.position < $1.position }
        stateLog = events.compactMap { event in event.pdu.stateTuple.map { (event.position, $0) } }
        stateLogLimit = stateLog.count * 2 + 64
    }

    /// Puts the redacted form of an event in its place, and takes its content away from the events that show it too:
    /// the state event that took its place, and the event that it redacted.
    mutating func replace(_ event: RoomEvent) {
        timeline = timeline.map { $0.showing(redacted: event) }
        if let tuple = event.pdu.stateTuple, let present = state[tuple] {
            state.insert(present.showing(redacted: event))
        }
        guard event.type == EventType.roomRedaction else { return }
        for present in state.all where present.redactedBecause?.eventID == event.eventID {
            state.insert(present.showing(redacted: event))
        }
    }

    /// Takes out messages that have been deleted.
    mutating func removeExpired(_ positions: Set<StreamPosition>) {
        timeline.removeAll { positions.contains($0.position) }
    }

    mutating func apply(_ receipt: ReceiptRecord) { receipts.insert(receipt) }

    private mutating func count(_ membership: Membership?, by difference: Int) {
        switch membership {
        case .join: joinedCount += difference
        case .invite: invitedCount += difference
        case .knock, .leave, .ban, nil: break
        }
    }
}

/// How far everybody has read a room.
public struct RoomReceipts: Sendable {
    private struct Key: Hashable {
        let type: String
        let threadID: String?
    }

    private var receipts: [UserID: [Key: ReceiptRecord]] = [:]
    private(set) var count = 0
    /// The latest changes in order, so that a sync that is nearly up to date need not look at everybody.
    private var log: [ReceiptRecord] = []
    /// Every change after this position is in ``log``.
    private var logStart: StreamPosition = .zero

    private static let maximumLogCount = 256

    init(_ records: [ReceiptRecord]) {
        for record in records { put(record) }
        logStart = records.map(\.position).max() ?? .zero
    }

    private static func key(_ record: ReceiptRecord) -> Key { Key(type: record.type, threadID: record.threadID) }

    private mutating func put(_ record: ReceiptRecord) {
        if receipts[record.userID, default: [:]].updateValue(record, forKey: Self.key(record)) == nil { count += 1 }
    }

    mutating func insert(_ record: ReceiptRecord) {
        put(record)
        log.append(record)
        if log.count >= Self.maximumLogCount * 2 {
            logStart = log[Self.maximumLogCount - 1].position
            log.removeFirst(Self.maximumLogCount)
        }
    }

    public func receipt(of userID: UserID, type: String, threadID: String? = nil) -> ReceiptRecord? {
        receipts[userID]?[Key(type: type, threadID: threadID)]
    }

    public func receipts(of userID: UserID) -> [ReceiptRecord] { receipts[userID].map { Array($0.values) } ?? [] }

    /// The receipts that were set in the range, of each user, type and thread the latest.
    public func changes(after: StreamPosition, upTo: StreamPosition) -> [ReceiptRecord] {
        guard after < logStart else {
            var latest: [UserID: [Key: ReceiptRecord]] = [:]
            for record in log where record.position > after && record.position <= upTo {
                latest[record.userID, default: [:]][Self.key(record)] = record
            }
            return latest.values.flatMap(\.values)
        }
        return receipts.values.flatMap(\.values).filter { $0.position > after && $0.position <= upTo }
    }
}
