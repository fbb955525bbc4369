import CanonicalJSON
import MatrixIdentifiers

/// Putting things into the send queue. Each is durable before it is shown.
extension Engine {
    func send(_ message: OutgoingMessage, to roomID: RoomID) throws(ClientError) -> TimelineItem.ID {
        guard !message.body.isEmpty else { throw ClientError(.invalidRequest, "the message is empty") }
        var content = message.content
        content["m.relates_to"] = try relation(
            replyTo: message.replyTo, threadRoot: message.threadRoot, in: roomID
        ).map { .object($0) }
        return try enqueue(.event(type: "m.room.message"), content: content, in: roomID)
    }

    func send(_ file: OutgoingFile, to roomID: RoomID) throws(ClientError) -> TimelineItem.ID {
        guard file.bytes.count <= OutgoingFile.maximumBytes else {
            throw ClientError(.invalidRequest, "the file has more than \(OutgoingFile.maximumBytes) bytes")
        }
        var content = file.content
        content["m.relates_to"] = try relation(replyTo: file.replyTo, threadRoot: nil, in: roomID).map { .object($0) }
        return try enqueue(
            .event(type: "m.room.message"), content: content, in: roomID,
            upload: .init(mimeType: file.mimeType, name: file.name), bytes: file.bytes)
    }

    func send(
        type: String, content: JSONObject, to roomID: RoomID
    ) throws(ClientError) -> TimelineItem.ID {
        try enqueue(.event(type: type), content: content, in: roomID)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#rich-replies and #threading
    private func relation(
        replyTo: TimelineItem.ID?, threadRoot: EventID?, in roomID: RoomID
    ) throws(ClientError) -> JSONObject? {
        var relation: JSONObject = [:]
        if let threadRoot {
            relation["rel_type"] = "m.thread"
            relation["event_id"] = .string(threadRoot.string)
            relation["is_falling_back"] = .bool(replyTo == nil)
            if replyTo == nil { relation["m.in_reply_to"] = ["event_id": .string(threadRoot.string)] }
        }
        if let replyTo {
            relation["m.in_reply_to"] = ["event_id": .string(try target(replyTo, in: roomID))]
        }
        return relation.isEmpty ? nil : relation
    }

    /// What an item is called in relations: its event ID, or its reference while it has none.
    ///
    /// - Throws: ``ClientError/Code/notFound``.
    func target(_ item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) -> String {
        let text = item.description
        guard QueueEntry.isReference(text) else { return text }
        if let entry = queues[roomID]?[String(text.dropFirst())] { return entry.eventID ?? entry.reference }
        // One that has come back: it is among the latest of ours.
        for event in try storedEvents(of: roomID, below: nil, limit: Timeline.maximumEvents).reversed()
        where TimelineBuilder.id(of: event, ownUserID: userID) == item {
            return event.eventID
        }
        throw ClientError(.notFound, "the message is not known here")
    }

    @discardableResult
    func enqueue(
        _ kind: QueueEntry.Kind, content: JSONObject, target: String? = nil, in roomID: RoomID,
        upload: QueueEntry.Upload? = nil, bytes: [UInt8] = []
    ) throws(ClientError) -> TimelineItem.ID {
        guard rooms[roomID]?.membership == .join else {
            throw ClientError(.notFound, "you are not in the room \(roomID)")
        }
        var queue = queues[roomID] ?? RoomQueue()
        guard queue.entries.count < SendQueue.maximumEntries else {
            throw ClientError(.invalidRequest, "too much waits to be sent in this room already")
        }
        var entry = QueueEntry(
            roomID: roomID, place: queue.nextPlace, transactionID: randomName("m"), kind: kind, content: content,
            target: target, timestamp: environment.now())
        entry.upload = upload
        var draft = Draft()
        if upload != nil { draft.changes.append(StoreChange(entry.uploadKey, bytes)) }
        draft.changes += queue.append(entry)
        draft.queues[roomID] = queue
        draft.touched.insert(roomID)
        try finish(draft)
        sendBell.ring()
        return TimelineItem.ID(entry.reference)
    }

    // MARK: Edits, reactions, redactions

    /// https://spec.matrix.org/v1.19/client-server-api/#event-replacements
    func edit(_ item: TimelineItem.ID, to message: OutgoingMessage, in roomID: RoomID) throws(ClientError) {
        guard !message.body.isEmpty else { throw ClientError(.invalidRequest, "the message is empty") }
        let target = try target(item, in: roomID)
        if var queue = queues[roomID], var entry = queue.entries.first(where: { utf8Equal($0.reference, target) }),
            entry.encrypted == nil, !(sending.contains(roomID) && queue.next == entry)
        {
            // It has not left yet: what is sent is the new text.
            var content = message.content
            content["m.relates_to"] = entry.content["m.relates_to"]
            entry.content = content
            var draft = Draft()
            draft.changes = queue.replace(entry)
            draft.queues[roomID] = queue
            draft.touched.insert(roomID)
            return try finish(draft)
        }
        let new = message.content
        var content = new
        content["body"] = .string("* " + message.body)
        if let html = message.formattedBody { content["formatted_body"] = .string("* " + html) }
        content["m.new_content"] = .object(new)
        content["m.relates_to"] = ["rel_type": "m.replace", "event_id": .string(target)]
        try enqueue(.event(type: "m.room.message"), content: content, target: target, in: roomID)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#event-annotations-and-reactions
    func toggleReaction(_ key: String, on item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) {
        guard !key.isEmpty else { throw ClientError(.invalidRequest, "the reaction is empty") }
        let target = try target(item, in: roomID)
        if let waiting = queues[roomID]?.entries.first(where: {
            isReaction($0.content, key, to: target) && !$0.isCancelled
        }) {
            return try cancel(TimelineItem.ID(waiting.reference), in: roomID)
        }
        for event in try storedEvents(of: roomID, below: nil, limit: Timeline.maximumEvents).reversed()
        where event.sender == userID && event.redactedBecause == nil && event.type == "m.reaction" {
            guard isReaction(event.content, key, to: target), !isBeingRedacted(event.eventID, in: roomID) else {
                continue
            }
            try enqueue(.redaction(reason: nil), content: [:], target: event.eventID, in: roomID)
            return
        }
        let content: JSONObject = [
            "m.relates_to": ["rel_type": "m.annotation", "event_id": .string(target), "key": .string(key)]
        ]
        try enqueue(.event(type: "m.reaction"), content: content, target: target, in: roomID)
    }

    private func isReaction(_ content: JSONObject, _ key: String, to target: String) -> Bool {
        guard let relation = Relation(content["m.relates_to"]?.objectValue),
            case .annotation(let own) = relation.kind
        else { return false }
        return utf8Equal(own, key) && utf8Equal(relation.eventID, target)
    }

    private func isBeingRedacted(_ eventID: String, in roomID: RoomID) -> Bool {
        queues[roomID]?.entries.contains { entry in
            if case .redaction = entry.kind { return entry.target.map { utf8Equal($0, eventID) } ?? false }
            return false
        } ?? false
    }

    func redact(_ item: TimelineItem.ID, reason: String?, in roomID: RoomID) throws(ClientError) {
        let target = try target(item, in: roomID)
        if QueueEntry.isReference(target) { return try cancel(item, in: roomID) }
        try enqueue(.redaction(reason: reason), content: [:], target: target, in: roomID)
    }

    // MARK: What waits

    func queuedMessages(in roomID: RoomID) -> [QueuedMessage] {
        (queues[roomID]?.entries ?? []).map { entry in
            QueuedMessage(
                id: TimelineItem.ID(entry.reference), transactionID: entry.transactionID, type: entry.eventType,
                state: entry.sendState, eventID: entry.eventID.flatMap(EventID.init))
        }
    }

    private func entry(_ item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) -> QueueEntry {
        guard let entry = queues[roomID]?.entries.first(where: { utf8Equal($0.reference, item.description) }) else {
            throw ClientError(.notFound, "the message does not wait to be sent")
        }
        return entry
    }

    func resend(_ item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) {
        let entry = try entry(item, in: roomID)
        guard var queue = queues[roomID] else { return }
        var draft = Draft()
        draft.changes = queue.resend(entry.transactionID)
        draft.queues[roomID] = queue
        draft.touched.insert(roomID)
        try finish(draft)
        sendBell.ring()
    }

    func cancel(_ item: TimelineItem.ID, in roomID: RoomID) throws(ClientError) {
        var entry = try entry(item, in: roomID)
        guard var queue = queues[roomID] else { return }
        if let eventID = entry.eventID {
            try enqueue(.redaction(reason: nil), content: [:], target: eventID, in: roomID)
            return
        }
        var draft = Draft()
        // Once it may have left, only the server can say what has become of it.
        if entry.hasBeenTried || (sending.contains(roomID) && queue.next == entry) {
            entry.isCancelled = true
            if case .failed = entry.state { entry.state = .waiting }
            draft.changes = queue.replace(entry)
        } else {
            draft.changes = queue.cancel(entry.transactionID)
        }
        draft.queues[roomID] = queue
        draft.touched.insert(roomID)
        try finish(draft)
        sendBell.ring()
    }

    // MARK: Waiting until it is sent

    func drained(_ roomID: RoomID) async {
        guard queues[roomID]?.hasWaiting == true, !isOver else { return }
        await withCheckedContinuation { drainWaiters[roomID, default: []].append($0) }
    }

    /// Wakes those whose room has nothing more to send, or all when nothing will be sent any more.
    func wakeDrained() {
        for id in drainWaiters.keys where queues[id]?.hasWaiting != true || !isRunning {
            for waiter in drainWaiters.removeValue(forKey: id) ?? [] { waiter.resume() }
        }
    }
}
