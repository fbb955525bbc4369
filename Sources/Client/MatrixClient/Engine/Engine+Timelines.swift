import CanonicalJSON
import MatrixIdentifiers

/// Conversations that are looked at.
extension Engine {
    func openTimeline(of roomID: RoomID, count: Int) throws(ClientError) -> Timeline {
        guard let record = rooms[roomID] else { throw ClientError(.notFound, "the room \(roomID) is not known here") }
        let token = TimelineToken(number: nextTimeline)
        nextTimeline += 1
        let gap = record.gaps.last?.place ?? .min
        let events = try storedEvents(
            of: roomID, below: nil, atLeast: gap == .min ? gap : gap + 1, limit: max(1, min(count, 1_000)))
        let timeline = OpenTimeline(
            token: token, roomID: roomID, events: events,
            start: events.first?.place ?? (record.newestPlace ?? 0) + 1, members: storedMembers(of: roomID),
            receipts: try storedReceipts(of: roomID))
        closeTimelines()
        timelines[token.number] = timeline
        // What was doubtful when it came may be known to be true now.
        var draft = Draft()
        try review(
            events.filter { if case .doubtful = $0.protection { true } else { false } }, in: roomID, &draft)
        try finish(draft)
        publish(token.number)
        return Timeline(roomID: roomID, engine: self, token: token)
    }

    /// Those that nobody holds any more.
    private func closeTimelines() {
        for (number, timeline) in timelines where timeline.token == nil { timelines[number] = nil }
    }

    func snapshot(of token: TimelineToken) -> TimelineSnapshot {
        timelines[token.number]?.broadcast.value ?? TimelineSnapshot()
    }

    func updates(of token: TimelineToken) -> AsyncStream<TimelineSnapshot> {
        timelines[token.number]?.broadcast.stream(keeping: token) ?? AsyncStream { $0.finish() }
    }

    private func publish(_ number: Int) {
        guard let timeline = timelines[number] else { return }
        var input = TimelineInput(ownUserID: userID, events: timeline.events)
        input.queue = queues[timeline.roomID]?.entries ?? []
        input.members = timeline.members
        input.receipts = timeline.receipts
        input.ignoredUsers = ignoredUsers
        let record = rooms[timeline.roomID]
        input.readPlace = record?.readPlace
        input.typing = typing[timeline.roomID] ?? []
        input.hasEarlier = hasEarlier(timeline)
        let snapshot = TimelineBuilder.snapshot(input)
        if snapshot != timeline.broadcast.value { timeline.broadcast.send(snapshot) }
    }

    private func hasEarlier(_ timeline: OpenTimeline) -> Bool {
        guard timeline.events.count < Timeline.maximumEvents else { return false }
        if rooms[timeline.roomID]?.gaps.contains(where: { $0.place < timeline.start }) == true { return true }
        do throws(ClientError) {
            return try !storedEvents(of: timeline.roomID, below: timeline.start, limit: 1).isEmpty
        } catch {
            return false
        }
    }

    /// After a step has become durable.
    func updateTimelines(with draft: Draft) {
        closeTimelines()
        let ignoredHasChanged = draft.accountData[ByteExactString("m.ignored_user_list")] != nil
        for (number, var timeline) in timelines {
            let id = timeline.roomID
            guard draft.touched.contains(id) || draft.queues[id] != nil || ignoredHasChanged else { continue }
            for event in draft.members[id] ?? [] { timeline.members.apply(event) }
            timeline.receipts.merge(draft.receipts[id] ?? [:]) { $1 }
            timeline.merge(draft.events[id] ?? [])
            if let gap = draft.rooms[id]?.gaps.last?.place, timeline.start < gap, draft.places[id] != nil {
                timeline.begin(after: gap)
            }
            timelines[number] = timeline
            publish(number)
        }
    }

    // MARK: Earlier messages

    /// So many answers of the server without a line to show are asked for at once.
    private static let maximumRounds = 5

    func loadEarlier(_ token: TimelineToken, count: Int) async throws(ClientError) -> Bool {
        let count = max(1, min(count, 100))
        for _ in 0..<Self.maximumRounds {
            guard var timeline = timelines[token.number], hasEarlier(timeline) else { return false }
            let before = timeline.broadcast.value.items.count
            let gap = rooms[timeline.roomID]?.gaps.last { $0.place < timeline.start }
            let events = try storedEvents(
                of: timeline.roomID, below: timeline.start, atLeast: gap.map { $0.place + 1 } ?? .min, limit: count)
            if let first = events.first {
                timeline.extend(to: first.place, with: events)
                timelines[token.number] = timeline
                publish(token.number)
            } else if let gap {
                try await fillGap(gap, in: timeline.roomID, count: count)
            } else {
                return false
            }
            guard let now = timelines[token.number] else { return false }
            if now.broadcast.value.items.count > before { return hasEarlier(now) }
        }
        return timelines[token.number].map(hasEarlier) ?? false
    }
}
