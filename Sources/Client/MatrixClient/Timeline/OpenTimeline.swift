import MatrixIdentifiers

/// A conversation that somebody looks at: the latest part of what is stored, without gaps.
struct OpenTimeline {
    weak var token: TimelineToken?
    let roomID: RoomID
    /// In the order of their places.
    private(set) var events: [StoredEvent]
    var members: MemberDirectory
    var receipts: [UserID: TimelineInput.ReadReceipt]
    /// Events at earlier places are not shown.
    private(set) var start: Int64
    let broadcast: Broadcast<TimelineSnapshot>

    init(
        token: TimelineToken, roomID: RoomID, events: [StoredEvent], start: Int64, members: MemberDirectory,
        receipts: [UserID: TimelineInput.ReadReceipt]
    ) {
        self.token = token
        self.roomID = roomID
        self.events = events
        self.start = start
        self.members = members
        self.receipts = receipts
        broadcast = Broadcast(TimelineSnapshot())
    }

    /// New events, and changed ones in the place of what they were.
    mutating func merge(_ new: [StoredEvent]) {
        for event in new.sorted(by: { $0.place < $1.place }) where event.place >= start {
            let index = events.lastIndex { $0.place <= event.place }
            if let index, events[index].place == event.place {
                events[index] = event
            } else {
                events.insert(event, at: index.map { $0 + 1 } ?? 0)
            }
        }
        // A conversation that is open for months must not grow for ever.
        if events.count > Timeline.maximumEvents {
            events.removeFirst(events.count - Timeline.maximumEvents)
            start = events.first?.place ?? start
        }
    }

    mutating func extend(to start: Int64, with earlier: [StoredEvent]) {
        events = earlier + events
        self.start = min(start, self.start)
    }

    /// What is before a gap does not join what is after it.
    mutating func begin(after gap: Int64) {
        guard gap >= start else { return }
        start = gap + 1
        events.removeAll { $0.place <= gap }
    }
}
