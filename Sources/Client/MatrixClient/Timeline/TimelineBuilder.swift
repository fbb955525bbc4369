import CanonicalJSON
import MatrixIdentifiers

/// Makes the lines of a conversation out of events: a pure function, run anew after each change.
package struct TimelineBuilder {
    package let input: TimelineInput
    private var relations: TimelineRelations
    private var indices: [ByteExactString: Int] = [:]

    package init(_ input: TimelineInput) {
        self.input = input
        relations = TimelineRelations(input)
        for (index, event) in input.events.enumerated() { indices[ByteExactString(event.eventID)] = index }
    }

    package static func snapshot(_ input: TimelineInput) -> TimelineSnapshot { TimelineBuilder(input).snapshot() }

    package func snapshot() -> TimelineSnapshot {
        var snapshot = TimelineSnapshot()
        var firstUnread: TimelineItem.ID?
        var places: [Int64] = []
        for event in input.events {
            guard let item = item(event) else { continue }
            if firstUnread == nil, let readPlace = input.readPlace, event.place > readPlace, !item.isOwn,
                event.isMessage
            {
                firstUnread = item.id
            }
            snapshot.items.append(item)
            places.append(event.place)
        }
        addReceipts(to: &snapshot.items, places: places)
        // What the server has sent back already is there as an event.
        for entry in input.queue where entry.eventID.map({ indices[ByteExactString($0)] == nil }) ?? true {
            if let item = item(entry) { snapshot.items.append(item) }
        }
        snapshot.hasEarlier = input.hasEarlier
        snapshot.firstUnread = firstUnread
        snapshot.typing = input.typing
        return snapshot
    }

    package static func id(of event: StoredEvent, ownUserID: UserID) -> TimelineItem.ID {
        if let transactionID = event.transactionID, event.sender == ownUserID {
            return TimelineItem.ID(QueueEntry.reference(transactionID))
        }
        return TimelineItem.ID(event.eventID)
    }

    // MARK: Events

    private func item(_ event: StoredEvent) -> TimelineItem? {
        guard let sender = event.sender, let content = content(event, sender),
            !input.ignoredUsers.contains(sender) || event.stateKey != nil
        else { return nil }
        var item = TimelineItem(
            id: Self.id(of: event, ownUserID: input.ownUserID), sender: sender,
            senderName: input.members.name(of: sender), isOwn: sender == input.ownUserID,
            timestamp: event.timestamp, content: content)
        item.eventID = EventID(event.eventID)
        if item.isOwn { item.transactionID = event.transactionID }
        item.protection = event.protection
        guard event.redactedBecause == nil else { return item }
        addRelations(of: event.relation, to: &item)
        item.isEdited = relations.edit(of: event) != nil
        item.reactions = relations.reactions(
            to: [event.eventID] + (item.transactionID.map { [QueueEntry.reference($0)] } ?? []),
            ownUserID: input.ownUserID)
        item.mentionsMe = !item.isOwn && event.mentions(input.ownUserID)
        return item
    }

    /// Nil for what is no line of its own.
    private func content(_ event: StoredEvent, _ sender: UserID) -> TimelineContent? {
        if let key = event.stateKey { return StateLine(event: event, key: key, members: input.members).content }
        switch event.type {
        case "m.reaction", "m.room.redaction": return nil
        case "m.room.message", "m.sticker", "m.room.encrypted":
            if let redaction = event.redactedBecause {
                return .redacted(
                    by: redaction.string(at: "sender").flatMap(UserID.init),
                    reason: redaction["content"]?["reason"]?.stringValue)
            }
            if event.relation?.isReplacement == true { return nil }
            if let reason = relations.pendingRedaction(of: event) {
                return .redacted(by: input.ownUserID, reason: reason.text)
            }
            if event.type == "m.room.encrypted" {
                // What an encrypted reaction would be is not known; nothing is lost by not showing its line.
                if case .annotation? = event.relation?.kind { return nil }
                return .unreadable(event.unreadable ?? .keysMissing)
            }
            let edit = relations.edit(of: event)
            return .message(
                Message(
                    content: edit?.content ?? event.content, type: event.type, isReply: event.relation?.replyTo != nil))
        default:
            // Steps of a verification are no lines; its request is.
            if event.type.hasPrefix("m.key.verification.") { return nil }
            return .unknown(type: event.type, fallback: event.content.string(at: "body"))
        }
    }

    private func addRelations(of relation: Relation?, to item: inout TimelineItem) {
        guard let relation else { return }
        if relation.kind == .thread { item.threadRoot = EventID(relation.eventID) }
        guard let replyTo = relation.replyTo else { return }
        if let index = indices[ByteExactString(replyTo)], let sender = input.events[index].sender {
            let event = input.events[index]
            var replied = RepliedMessage(eventID: EventID(replyTo) ?? EventID("$unknown")!)
            replied.senderName = input.members.name(of: sender)
            if event.redactedBecause == nil, event.type == "m.room.message" {
                let content = relations.edit(of: event)?.content ?? event.content
                replied.body = Message(content: content, isReply: event.relation?.replyTo != nil).body
            }
            item.replyTo = replied
        } else if let eventID = EventID(replyTo) {
            item.replyTo = RepliedMessage(eventID: eventID)
        } else if let entry = input.queue.first(where: { utf8Equal($0.reference, replyTo) }),
            let eventID = EventID("$" + entry.transactionID)
        {
            item.replyTo = RepliedMessage(
                eventID: eventID, senderName: input.members.name(of: input.ownUserID),
                body: entry.content.string(at: "body"))
        }
    }

    // MARK: What waits to be sent

    private func item(_ entry: QueueEntry) -> TimelineItem? {
        guard case .event(let type) = entry.kind, type != "m.reaction", !entry.isCancelled else { return nil }
        let relation = Relation(entry.content["m.relates_to"]?.objectValue)
        if relation?.isReplacement == true { return nil }
        let content: TimelineContent =
            switch type {
            case "m.room.message", "m.sticker":
                .message(Message(content: entry.content, type: type, isReply: relation?.replyTo != nil))
            default: .unknown(type: type, fallback: entry.content.string(at: "body"))
            }
        var item = TimelineItem(
            id: TimelineItem.ID(entry.reference), sender: input.ownUserID,
            senderName: input.members.name(of: input.ownUserID), isOwn: true, timestamp: entry.timestamp,
            content: content)
        item.eventID = entry.eventID.flatMap(EventID.init)
        item.transactionID = entry.transactionID
        item.sending = entry.sendState
        addRelations(of: relation, to: &item)
        if let edit = relations.pendingEdit(of: entry.reference) {
            item.content = .message(Message(content: edit, isReply: relation?.replyTo != nil))
            item.isEdited = true
        }
        item.reactions = relations.reactions(to: [entry.reference], ownUserID: input.ownUserID)
        return item
    }

    // MARK: Who has read

    /// Beyond these members nobody is counted: it would cost more than it tells.
    private static let maximumCountedMembers = 300

    private func addReceipts(to items: inout [TimelineItem], places: [Int64]) {
        let others = input.members.joined.filter { $0 != input.ownUserID }
        var readPlaces: [UserID: Int64] = [:]
        for (userID, receipt) in input.receipts where !input.ignoredUsers.contains(userID) {
            guard let index = indices[ByteExactString(receipt.eventID)] else { continue }
            readPlaces[userID] = input.events[index].place
        }
        // Who has written something has read what was there.
        for event in input.events {
            guard let sender = event.sender, event.stateKey == nil else { continue }
            readPlaces[sender] = max(readPlaces[sender] ?? .min, event.place)
        }
        for (userID, place) in readPlaces.sorted(by: { $0.key < $1.key }) where userID != input.ownUserID {
            if let index = places.lastIndex(where: { $0 <= place }) { items[index].readBy.append(userID) }
        }
        guard others.count <= Self.maximumCountedMembers else { return }
        for index in items.indices {
            if case .message = items[index].content {} else { continue }
            items[index].unreadCount = others.count { userID in
                guard userID != items[index].sender else { return false }
                // Who came later has nothing to read here.
                if let joined = input.members.entries[userID]?.joinedAt, joined > items[index].timestamp {
                    return false
                }
                if let place = readPlaces[userID] { return place < places[index] }
                return input.receipts[userID].map { $0.timestamp < items[index].timestamp } ?? true
            }
        }
    }
}
