import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules
import Synchronization

/// One room in memory: a view that everybody may read, and a head that only the writer sees.
public final class Room: Sendable {
    public let number: RoomNumber
    public let roomID: RoomID
    public let rules: RoomVersionRules
    private let view: Mutex<RoomView>
    /// Touched by commands of the ``WriteQueue`` only, which run one after the other on one thread.
    nonisolated(unsafe) var head: RoomHead
    /// When somebody last asked for the room, in milliseconds since 1970.
    private let lastUsed = Atomic<Int64>(0)
    private let redactions = Atomic<Int>(0)

    init(number: RoomNumber, roomID: RoomID, rules: RoomVersionRules, view: RoomView, head: RoomHead) {
        self.number = number
        self.roomID = roomID
        self.rules = rules
        self.view = Mutex(view)
        self.head = head
    }

    /// Reads a consistent view; `body` must be quick, since the writer waits for it.
    public func read<Value, Failure: Error>(_ body: (RoomView) throws(Failure) -> sending Value) throws(Failure)
        -> Value
    {
        try view.withLock { view throws(Failure) in try body(view) }
    }

    public var powerLevels: PowerLevels? {
        let (create, levels) = read { ($0.state[EventType.roomCreate]?.pdu, $0.state[EventType.roomPowerLevels]?.pdu) }
        return create.map { PowerLevels(event: levels, createEvent: $0, rules: rules) }
    }

    /// Grows with each redaction and deletion that readers see: events read before it may show what has been taken away.
    var redactionCount: Int { redactions.load(ordering: .acquiring) }

    func touch(at milliseconds: Int64) { lastUsed.store(milliseconds, ordering: .relaxed) }
    var lastUsedAt: Int64 { lastUsed.load(ordering: .relaxed) }

    // MARK: The writer's side

    /// The state just before the next event: what is durable and what this batch has added.
    func headState(_ tuple: StateTuple) -> RoomEvent? {
        head.pendingState[tuple] ?? view.withLock { $0.state[tuple] }
    }

    /// As ``headState(_:)``, all events of one type, in the order in which they were sent.
    func headStateEvents(ofType type: String) -> [RoomEvent] {
        var state = view.withLock { $0.state }
        for event in head.pendingState.values { state.insert(event) }
        return state.events(ofType: type).sorted { $0.position < $1.position }
    }

    var headPowerLevels: PowerLevels? {
        guard let create = headState(StateTuple(EventType.roomCreate)) else { return nil }
        return PowerLevels(
            event: headState(StateTuple(EventType.roomPowerLevels))?.pdu, createEvent: create.pdu, rules: rules)
    }

    /// The batch is durable: readers may see the event.
    func publish(_ event: RoomEvent) {
        view.withLock { $0.apply(event) }
        if let tuple = event.pdu.stateTuple, head.pendingState[tuple]?.position == event.position {
            head.pendingState[tuple] = nil
        }
    }

    func publishRedacted(_ event: RoomEvent) {
        view.withLock { $0.replace(event) }
        redactions.wrappingAdd(1, ordering: .acquiringAndReleasing)
        if let tuple = event.pdu.stateTuple, head.pendingState[tuple]?.position == event.position {
            head.pendingState[tuple] = nil
        }
    }

    func publishAggregations(at position: StreamPosition) { view.withLock { $0.noteAggregations(at: position) } }

    /// The batch is durable, and these events have been deleted in it.
    func publishExpired(_ positions: Set<StreamPosition>) {
        redactions.wrappingAdd(1, ordering: .acquiringAndReleasing)
        view.withLock { $0.removeExpired(positions) }
    }

    func publish(_ receipt: ReceiptRecord) { view.withLock { $0.apply(receipt) } }
}

/// Where a room's next event attaches. The history of a room that only this server writes is a line.
struct RoomHead {
    /// Nil before the create event.
    var latestEvent: EventID?
    var depth: Int64 = 0
    /// State events of the present batch, which are not durable yet.
    var pendingState: [StateTuple: RoomEvent] = [:]
}
