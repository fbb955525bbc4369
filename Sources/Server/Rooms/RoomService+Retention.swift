import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules
import Synchronization

/// Deleting messages by their age, and erasing what was redacted.
///
/// State is never deleted, neither the present one nor what it was: who may see which event, and whether an event was
/// allowed, is read from it. Of the messages that go, an ``ExpiredRun`` stays for each stretch, with which the
/// ``HistoryVerifier`` can still show that nothing else is missing.
extension RoomService {
    /// Events looked at in one transaction.
    private static let expiryBlock = 500
    /// Transactions in one call of ``expireMessages()``, and rooms looked at.
    private static let maximumSteps = 20
    private static let maximumRooms = 1_000

    /// Deletes a bounded number of messages whose time is over. Called about once a minute; goes on with the rooms
    /// where the last call stopped.
    public func expireMessages() async throws {
        var steps = 0
        var cursor = RoomNumber(retentionCursor.load(ordering: .relaxed))
        let records = try await database.read { [cursor] store in
            try store.rooms(after: cursor, limit: Self.maximumRooms)
        }
        for record in records {
            while steps < Self.maximumSteps, try await expireBlock(of: record) { steps += 1 }
            // The rest of this room is for the next time.
            guard steps < Self.maximumSteps else { break }
            cursor = record.number
        }
        // After the last room comes the first.
        if records.count < Self.maximumRooms, cursor == records.last?.number ?? cursor { cursor = RoomNumber(0) }
        retentionCursor.store(cursor.rawValue, ordering: .relaxed)
    }

    /// Answers whether there may be more.
    private func expireBlock(of record: RoomRecord) async throws -> Bool {
        let due = try await database.read { [configuration, environment] store in
            try Self.expiryHorizon(of: record.number, configuration.retention, now: environment.timestamp, store)
        }
        guard let due else { return false }
        let isDue = try await database.read { store in
            let progress = try store.retentionProgress(of: record.number)
            let next = try store.timeline(
                of: record.number, after: progress, before: StreamPosition(.max), limit: 1, direction: .forward)
            return try next.contains { try RoomEvent.timestamp(of: $0) < due }
        }
        guard isDue else { return false }
        return try await writes.submit { [self] context in try expireBlock(of: record, before: due, context) }
    }

    /// Messages of before that time go; nil when the room keeps all. Milliseconds since 1970.
    private static func expiryHorizon(
        of room: RoomNumber, _ configuration: RetentionConfiguration, now: Int64, _ store: any StoreReader
    ) throws -> Int64? {
        var content: JSONObject?
        for type in RetentionPolicy.eventTypes where content == nil {
            content = try store.currentStateEvent(StateTuple(type), in: room)
                .flatMap { try JSONParser.parse($0.pdu).objectValue?["content"]?.objectValue }
        }
        return RetentionPolicy(content: content, configuration: configuration).maximumLifetime.map { now - $0 }
    }

    private func expireBlock(
        of record: RoomRecord, before horizon: Int64, _ context: WriteContext
    ) throws -> Bool {
        guard let room = try registry.room(record.roomID, in: context) else { return false }
        let store: any StoreWriter = context.store
        var progress = try store.retentionProgress(of: record.number)
        let events = try store.timeline(
            of: record.number, after: progress, before: StreamPosition(.max), limit: Self.expiryBlock,
            direction: .forward)
        var run: ExpiredRun?
        var expired: Set<StreamPosition> = []
        var hasReachedPresent = events.count < Self.expiryBlock
        for event in events {
            guard case .object(let json) = try JSONParser.parse(event.pdu) else {
                throw RoomEvent.CorruptEvent(position: event.position)
            }
            let pdu = try PersistentDataUnit(json: json, eventID: event.eventID, roomID: record.roomID)
            guard pdu.originServerTimestamp < horizon else {
                hasReachedPresent = true
                break
            }
            progress = event.position
            let isNeeded =
                try pdu.stateKey != nil
                || (pdu.type == EventType.roomRedaction && store.isNeededRedaction(event.position))
            guard !isNeeded, let follows = pdu.prevEvents.first else {
                if let run { try store.insertExpiredRun(run) }
                run = nil
                continue
            }
            try store.deleteEvent(at: event.position)
            expired.insert(event.position)
            run = ExpiredRun(
                room: record.number, first: run?.first ?? event.position, last: event.position,
                follows: run?.follows ?? follows, lastEvent: event.eventID, lastDepth: pdu.depth,
                eventCount: (run?.eventCount ?? 0) + 1)
        }
        if let run { try store.insertExpiredRun(run) }
        try store.setRetentionProgress(progress, of: record.number)
        context.onCommit { [self, expired] in
            guard !expired.isEmpty else { return }
            room.publishExpired(expired)
            noteErased()
        }
        return !hasReachedPresent
    }

    // MARK: What was redacted

    private static let erasureBlock = 500

    /// Erases what was redacted long enough ago. Called about once a minute.
    public func eraseRedactedContent() async throws {
        for _ in 1...Self.maximumSteps {
            let now = environment.timestamp
            let isDue = try await database.read { try $0.hasRedactedOriginals(before: now) }
            guard isDue else { return }
            let count = try await writes.submit { context in
                try context.store.eraseRedactedOriginals(before: now, limit: Self.erasureBlock)
            }
            noteErased()
            guard count == Self.erasureBlock else { return }
        }
    }

    /// Has the next checkpoint empty the database's log.
    public func noteErased() { hasErased.store(true, ordering: .releasing) }

    /// Whether something has been erased since this was last asked, so that the database's log has to go too.
    public func takeErased() -> Bool { hasErased.exchange(false, ordering: .acquiringAndReleasing) }

    /// A redacted event with what it said before, for whoever may redact in the room.
    ///
    /// https://github.com/matrix-org/matrix-spec-proposals/pull/2815
    public func unredactedEvent(_ eventID: EventID, in roomID: RoomID, userID: UserID) async throws -> RoomEvent {
        let event = try await event(eventID, in: roomID, userID: userID)
        guard event.redactedBecause != nil else { return event }
        let room = try await joinedRoom(roomID, userID: userID)
        guard let levels = room.powerLevels, levels.level(of: userID) >= levels.redact else {
            throw MatrixError.forbidden("only those who may redact in the room may read what was redacted")
        }
        let now = environment.timestamp
        let original = try await database.read { store -> [UInt8]? in
            guard try store.event(eventID) != nil else { return nil }
            return try store.redactedOriginal(at: event.position, now: now)
        }
        guard let original, case .object(let json) = try JSONParser.parse(original) else {
            throw MatrixError(404, .unredactedContentDeleted, "what the event said has been erased")
        }
        return RoomEvent(
            position: event.position, pdu: try PersistentDataUnit(json: json, eventID: eventID, roomID: roomID),
            replaced: nil, transaction: event.transaction, redactedBecause: event.redactedBecause)
    }
}

extension RoomEvent {
    /// Milliseconds since 1970.
    fileprivate static func timestamp(of record: EventRecord) throws -> Int64 {
        guard let timestamp = try JSONParser.parse(record.pdu).objectValue?["origin_server_ts"]?.integerValue else {
            throw CorruptEvent(position: record.position)
        }
        return timestamp
    }
}
