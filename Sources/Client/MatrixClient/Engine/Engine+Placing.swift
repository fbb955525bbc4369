import CanonicalJSON
import MatrixIdentifiers

/// Giving new events their places, and changing those that others change.
extension Engine {
    /// Between what was known and what comes after a gap there is room for this many events.
    private static let gapStride: Int64 = 1 << 32

    /// - Returns: whether there are new events or changed ones.
    func apply(
        timeline update: SyncAnswer.RoomUpdate, to record: inout RoomRecord, _ draft: inout Draft
    ) throws(ClientError) -> Bool {
        guard !update.timeline.isEmpty || update.isLimited else { return false }
        var known: [Int?] = []
        var places: [Int64?] = []
        for (index, event) in update.timeline.enumerated() {
            let place = try event.string(at: "event_id").map { id throws(ClientError) in
                try storedPlace(of: id, in: record.id)
            }
            places.append(place ?? nil)
            known.append((place ?? nil) == nil ? nil : index)
        }
        let firstKnown = known.compactMap { $0 }.first
        if let firstKnown, let place = places[firstKnown] {
            try insert(Array(update.timeline[..<firstKnown]), below: place, update, &record, &draft)
            for index in firstKnown..<update.timeline.count {
                if let place = places[index] {
                    try refresh(update.timeline[index], at: place, record.id, &draft)
                } else {
                    try append(update.timeline[index], &record, &draft)
                }
            }
        } else {
            openGap(update, &record, &draft)
            for event in update.timeline { try append(event, &record, &draft) }
        }
        return true
    }

    /// The answer does not follow what is known: what is between may be fetched later.
    private func openGap(
        _ update: SyncAnswer.RoomUpdate, _ record: inout RoomRecord, _ draft: inout Draft
    ) {
        guard let token = update.previousBatch else { return }
        guard let newest = record.newestPlace else {
            record.newestPlace = 0
            record.gaps = [.init(place: 0, token: token)]
            return
        }
        guard update.isLimited || update.isInitial, !update.timeline.isEmpty else { return }
        record.gaps.append(.init(place: newest + Self.gapStride, token: token))
        record.newestPlace = newest + Self.gapStride
        // What we have sent meanwhile may be in the gap, and comes from there.
        var queue = draft.queues[record.id] ?? queues[record.id] ?? RoomQueue()
        let sent = queue.entries.filter { $0.eventID != nil && !$0.isCancelled }
        for entry in sent { draft.changes += queue.remove(entry.transactionID) }
        if !sent.isEmpty { draft.queues[record.id] = queue }
        if record.gaps.count > RoomRecord.maximumGaps { forgetEarliest(&record, &draft) }
    }

    /// Forgets what is before the earliest gap that is kept.
    private func forgetEarliest(_ record: inout RoomRecord, _ draft: inout Draft) {
        record.gaps.removeFirst(record.gaps.count - RoomRecord.maximumGaps)
        guard let end = record.gaps.first?.place else { return }
        do throws(ClientError) {
            let records = try store.records(
                in: .events, group: Array(record.id.string.utf8), places: Int64.min...end, order: .ascending,
                limit: .max)
            for old in records {
                draft.changes.append(StoreChange(old.key, nil))
                guard let event = StoredEvent(old) else { continue }
                draft.changes.append(StoreChange(Self.placeKey(record.id, event.eventID), nil))
            }
        } catch {
            // They stay, unreachable; the next gap tries again.
        }
    }

    static func placeKey(_ roomID: RoomID, _ eventID: String) -> StoreKey {
        StoreKey(.places, group: roomID.string, name: eventID)
    }

    private func append(_ event: JSONObject, _ record: inout RoomRecord, _ draft: inout Draft) throws(ClientError) {
        let place = (record.newestPlace ?? 0) + 1
        var event = event
        try takeBack(&event, record.id, &draft)
        guard try keep(event, at: place, record.id, &draft) else { return }
        record.newestPlace = place
        let stored = StoredEvent(place: place, event: event)
        // Who does something in a room has seen what is there; who joins begins to read there.
        if stored.sender == userID { record.readPlace = max(record.readPlace ?? .min, place) }
        if stored.isMessage { record.activity = max(record.activity, stored.timestamp) }
        try redact(by: stored, record.id, &draft)
    }

    /// Events before one that is known, into the gap that ends there; without a gap they are older than what a gap
    /// would give, and not needed.
    private func insert(
        _ events: [JSONObject], below place: Int64, _ update: SyncAnswer.RoomUpdate, _ record: inout RoomRecord,
        _ draft: inout Draft
    ) throws(ClientError) {
        guard !events.isEmpty, let index = record.gaps.lastIndex(where: { $0.place == place - 1 }),
            let token = update.previousBatch
        else { return }
        var gapPlace = record.gaps[index].place
        for event in events.reversed() where try keep(event, at: gapPlace, record.id, &draft) { gapPlace -= 1 }
        record.gaps[index] = .init(place: gapPlace, token: token)
    }

    /// Stores an event at a place.
    ///
    /// - Returns: false for what is no event, or is there already.
    func keep(_ event: JSONObject, at place: Int64, _ roomID: RoomID, _ draft: inout Draft) throws(ClientError) -> Bool
    {
        guard let eventID = event.string(at: "event_id"),
            try self.place(of: eventID, in: roomID, draft) == nil
        else { return false }
        let stored = decrypted(StoredEvent(place: place, event: event), in: roomID, &draft)
        if !stored.isEncrypted { note(event, nil, in: roomID, &draft) }
        draft.places[roomID, default: [:]][ByteExactString(eventID)] = place
        draft.changes.append(StoreChange(Self.placeKey(roomID, eventID), Array("\(place)".utf8)))
        change(stored, in: roomID, &draft)
        return true
    }

    func change(_ stored: StoredEvent, in roomID: RoomID, _ draft: inout Draft) {
        draft.changes.append(stored.change(in: roomID))
        draft.events[roomID, default: []].removeAll { $0.place == stored.place }
        draft.events[roomID, default: []].append(stored)
        draft.touched.insert(roomID)
        draft.retitled.insert(roomID)
    }

    /// An event that is known comes again: it may have been redacted in the meantime.
    private func refresh(
        _ event: JSONObject, at place: Int64, _ roomID: RoomID, _ draft: inout Draft
    ) throws(ClientError) {
        guard let redaction = event["unsigned"]?["redacted_because"]?.objectValue,
            let stored = try storedEvent(at: place, in: roomID, draft), stored.redactedBecause == nil
        else { return }
        change(stored.redacted(because: redaction), in: roomID, &draft)
    }

    /// Deletes what a redaction is about.
    private func redact(by event: StoredEvent, _ roomID: RoomID, _ draft: inout Draft) throws(ClientError) {
        guard event.type == "m.room.redaction",
            let target = event.event.string(at: "redacts") ?? event.content.string(at: "redacts"),
            let place = try place(of: target, in: roomID, draft),
            let stored = try storedEvent(at: place, in: roomID, draft), stored.redactedBecause == nil
        else { return }
        change(stored.redacted(because: event.event), in: roomID, &draft)
    }

    func storedEvent(at place: Int64, in roomID: RoomID, _ draft: Draft) throws(ClientError) -> StoredEvent? {
        if let new = draft.events[roomID]?.first(where: { $0.place == place }) { return new }
        let key = StoredEvent.key(roomID, place)
        return try store.value(of: key).flatMap { StoredEvent(StoreRecord(key: key, value: $0)) }
    }

    /// One of our own events has come back: its entry has done its work.
    private func takeBack(_ event: inout JSONObject, _ roomID: RoomID, _ draft: inout Draft) throws(ClientError) {
        guard event.string(at: "sender").flatMap(UserID.init) == userID, let eventID = event.string(at: "event_id"),
            var queue = draft.queues[roomID] ?? queues[roomID]
        else { return }
        let transactionID = event["unsigned"]?["transaction_id"]?.stringValue
        let entry = queue.entries.first { $0.eventID.map { utf8Equal($0, eventID) } ?? false }
        if transactionID == nil, let entry {
            // So that the item in the timeline stays the same one.
            var unsigned = event["unsigned"]?.objectValue ?? [:]
            unsigned["transaction_id"] = .string(entry.transactionID)
            event["unsigned"] = .object(unsigned)
        }
        let changes = queue.returned(transactionID: transactionID, eventID: eventID)
        guard !changes.isEmpty else { return }
        draft.changes += changes
        draft.queues[roomID] = queue
    }
}
