import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules
import ServerEnvironment

/// An event that somebody wants in a room.
struct EventDraft: Sendable {
    var type: String
    /// Nil for a message event.
    var stateKey: String?
    var sender: UserID
    var content: JSONObject
    /// `content` in canonical JSON.
    var contentBytes: [UInt8]
    var transaction: (key: TransactionKey, id: String)?
    /// When it is said to have happened, in milliseconds since 1970; nil for now.
    var timestamp: Int64?

    /// - Throws: when the content is not canonical JSON.
    init(
        type: String, stateKey: String? = nil, sender: UserID, content: JSONObject,
        transaction: (key: TransactionKey, id: String)? = nil
    ) throws(MatrixError) {
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.content = content
        self.transaction = transaction
        do {
            contentBytes = try content.canonicalBytes()
        } catch {
            throw .badJSON("the content is not canonical JSON: \(error)")
        }
    }
}

/// Appends events to rooms: authorises, hashes, signs and stores them, and has them published once they are durable.
///
/// Used by commands of the ``WriteQueue`` only. What a command appends is in the room's head at once, so the next
/// command builds on it; readers see it after the batch is durable.
struct EventPipeline: Sendable {
    let serverName: ServerName
    let builder: EventBuilder
    let environment: ServerEnvironment
    /// See ``RoomsConfiguration/redactedContentLifetimeMilliseconds``.
    let redactedContentLifetime: Int64

    func append(_ draft: EventDraft, to room: Room, in context: WriteContext) throws -> RoomEvent {
        try checkMayComeIn(draft, to: room, context)
        return try store(build(draft, for: room), draft: draft, in: room, context)
    }

    /// Stores a built event and has it published.
    @discardableResult
    func store(
        _ built: BuiltEvent, draft: EventDraft, in room: Room, _ context: WriteContext
    ) throws -> RoomEvent {
        let event = built.event
        let redacted = try redactionTarget(of: event, in: room, context)
        let relation = try relationTarget(of: event, in: room, context)

        let position = context.nextPosition()
        let before = event.stateTuple.flatMap { room.headState($0) }
        let transaction = draft.transaction.map { TransactionRecord(device: $0.key.device, id: $0.id) }
        let store: any StoreWriter = context.store
        try store.insertEvent(
            EventRecord(
                position: position, room: room.number, eventID: event.eventID, pdu: built.bytes,
                replaces: before?.position, redactedBy: nil, transaction: transaction,
                originServerTimestamp: event.originServerTimestamp, thread: relation?.thread),
            stateTuple: event.stateTuple)
        if let tuple = event.stateTuple { try store.setCurrentState(tuple, in: room.number, to: position) }
        let target = try storeMembership(event, before: before, in: room, at: position, store)
        if let key = draft.transaction?.key { try store.insertTransaction(key, event: position) }

        let shown = RoomEvent(
            position: position, pdu: event, contentBytes: draft.contentBytes, replaced: before?.asReplacedState(),
            transaction: transaction, threadRoot: relation?.thread?.root)
        if let redacted { try redact(redacted, because: shown, in: room, context) }
        advanceHead(of: room, to: shown, context)
        if let relation { try index(shown, relation, in: room, context) }
        context.publish(
            .event(room: room.number, roomID: room.roomID, position: position, target: target))
        return shown
    }

    private func build(_ draft: EventDraft, for room: Room) throws -> BuiltEvent {
        guard draft.type != EventType.roomCreate else {
            throw MatrixError.forbidden("the room has been created already")
        }
        let tuples = EventAuthorization.authEventTuples(
            type: draft.type, stateKey: draft.stateKey, sender: draft.sender, content: draft.content,
            rules: room.rules)
        return try build(
            EventTemplate(
                roomID: room.roomID, type: draft.type, stateKey: draft.stateKey, sender: draft.sender,
                content: draft.content, contentBytes: draft.contentBytes,
                originServerTimestamp: draft.timestamp ?? environment.timestamp, depth: room.head.depth + 1,
                authEvents: tuples.compactMap { room.headState($0)?.eventID },
                prevEvents: room.head.latestEvent.map { [$0] } ?? []),
            rules: room.rules, state: { room.headState($0)?.pdu })
    }

    /// Hashes the event, asks the rules, and only then pays for a signature.
    func build(
        _ template: EventTemplate, rules: RoomVersionRules, state: (StateTuple) -> PersistentDataUnit?
    ) throws -> BuiltEvent {
        let hashed = builder.hashed(template, rules: rules)
        do {
            try EventAuthorization.authorize(hashed.event, rules: rules, state: state)
            return try builder.signed(hashed)
        } catch let error as AuthorizationError {
            throw MatrixError.forbidden(error.description)
        } catch let error as EventSizeError {
            throw MatrixError.tooLarge(error.description)
        }
    }

    /// Answers nil when nobody's membership changes: a new display name is a member event too.
    private func storeMembership(
        _ event: PersistentDataUnit, before: RoomEvent?, in room: Room, at position: StreamPosition,
        _ store: any StoreWriter
    ) throws -> StreamChange.MembershipChange? {
        guard event.type == EventType.roomMember, let membership = event.membership,
            membership != before?.pdu.membership, let userID = event.stateKey.flatMap(UserID.init)
        else { return nil }
        try store.setMembership(membership, of: userID, in: room.number, at: position)
        return StreamChange.MembershipChange(userID: userID, membership: membership)
    }

    private func advanceHead(of room: Room, to event: RoomEvent, _ context: WriteContext) {
        let head = room.head
        context.onRollback { room.head = head }
        room.head.latestEvent = event.eventID
        room.head.depth = event.pdu.depth
        if let tuple = event.pdu.stateTuple { room.head.pendingState[tuple] = event }
        context.onCommit { room.publish(event) }
    }

    // MARK: Redaction

    private struct RedactionTarget {
        let record: EventRecord
        let event: RoomEvent
    }

    /// The event that `event` redacts, when it is a redaction that takes effect.
    ///
    /// The authorization rules let anybody redact what a user of the same server has sent; the client-server API asks
    /// for the `redact` level when the event is another user's.
    /// https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid
    private func redactionTarget(
        of event: PersistentDataUnit, in room: Room, _ context: WriteContext
    ) throws -> RedactionTarget? {
        guard event.type == EventType.roomRedaction else { return nil }
        guard let targetID = event.content["redacts"]?.stringValue.flatMap(EventID.init),
            let record = try context.store.event(targetID), record.room == room.number
        else { throw MatrixError.notFound("the event to redact is not in this room") }
        let target = try RoomEvent.load(record, roomID: room.roomID, from: context.store)
        guard let levels = room.headPowerLevels else { return nil }
        guard target.sender == event.sender || levels.level(of: event.sender) >= levels.redact else {
            throw MatrixError.forbidden("you may not redact what somebody else has sent")
        }
        return record.redactedBy == nil ? RedactionTarget(record: record, event: target) : nil
    }

    private func redact(
        _ target: RedactionTarget, because redaction: RoomEvent, in room: Room, _ context: WriteContext
    ) throws {
        guard case .object(let json) = try JSONParser.parse(target.record.pdu) else { return }
        let redacted = try Redaction.redact(json, rules: room.rules).canonicalBytes()
        // The event itself never holds again what was taken out of it; who may still read it looks elsewhere.
        if redactedContentLifetime > 0 {
            try context.store.insertRedactedOriginal(
                target.record.pdu, at: target.record.position,
                eraseAt: environment.timestamp + redactedContentLifetime)
        }
        try context.store.redactEvent(
            at: target.record.position, by: redaction.position, redactedPDU: redacted)
        try context.store.deleteRelation(of: target.record.position)
        let content = Redaction.redactedContent(target.event.content, type: target.event.type, rules: room.rules)
        if let tuple = target.event.pdu.stateTuple, room.headState(tuple)?.position == target.event.position {
            // The rest of the batch builds on what is left of the state.
            let head = room.head
            context.onRollback { room.head = head }
            room.head.pendingState[tuple] = target.event.redacted(content: content, because: redaction)
        }
        context.onCommit {
            room.publishRedacted(target.event.redacted(content: content, because: redaction))
        }
    }
}
