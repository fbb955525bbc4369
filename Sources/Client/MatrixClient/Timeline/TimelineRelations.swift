import CanonicalJSON
import MatrixIdentifiers

/// Edits and reactions by what they are about; those that wait to be sent among them.
struct TimelineRelations: Sendable {
    struct Edit: Sendable {
        let sender: UserID
        let isEncrypted: Bool
        let type: String
        let timestamp: Int64
        let eventID: String
        let content: JSONObject
    }

    /// Why a message is about to be deleted.
    struct PendingRedaction: Sendable {
        let text: String?
    }

    private var edits: [ByteExactString: [Edit]] = [:]
    private var pendingEdits: [ByteExactString: JSONObject] = [:]
    private var reactions: [ByteExactString: [(key: String, sender: UserID)]] = [:]
    private var redactions: [ByteExactString: PendingRedaction] = [:]

    init(_ input: TimelineInput) {
        for entry in input.queue {
            if case .redaction(let reason) = entry.kind, let target = entry.target {
                redactions[ByteExactString(target)] = PendingRedaction(text: reason)
            }
        }
        let seen = Set(input.events.map { ByteExactString($0.eventID) })
        for event in input.events where event.redactedBecause == nil {
            guard let sender = event.sender, !input.ignoredUsers.contains(sender) else { continue }
            if redactions[ByteExactString(event.eventID)] == nil { add(event, from: sender) }
            addBundled(of: event)
        }
        for entry in input.queue where !entry.isCancelled {
            if let eventID = entry.eventID, seen.contains(ByteExactString(eventID)) { continue }
            add(entry, ownUserID: input.ownUserID)
        }
    }

    private mutating func add(_ event: StoredEvent, from sender: UserID) {
        guard let relation = event.relation, event.stateKey == nil else { return }
        switch relation.kind {
        case .annotation(let key) where event.type == "m.reaction" && !key.isEmpty:
            add(key, by: sender, to: relation.eventID)
        case .replacement:
            guard let content = event.content["m.new_content"]?.objectValue else { return }
            edits[ByteExactString(relation.eventID), default: []].append(
                Edit(
                    sender: sender, isEncrypted: event.isEncrypted, type: event.type, timestamp: event.timestamp,
                    eventID: event.eventID, content: content))
        default: break
        }
    }

    /// The latest edit, which the server sends along although it is further on than what is loaded.
    private mutating func addBundled(of event: StoredEvent) {
        guard let edit = event.event["unsigned"]?["m.relations"]?["m.replace"]?.objectValue,
            let sender = edit.string(at: "sender").flatMap(UserID.init), let type = edit.string(at: "type"),
            let content = edit["content"]?["m.new_content"]?.objectValue
        else { return }
        edits[ByteExactString(event.eventID), default: []].append(
            Edit(
                sender: sender, isEncrypted: false, type: type,
                timestamp: edit["origin_server_ts"]?.integerValue ?? 0, eventID: edit.string(at: "event_id") ?? "",
                content: content))
    }

    private mutating func add(_ entry: QueueEntry, ownUserID: UserID) {
        guard let target = entry.target, case .event = entry.kind,
            let relation = Relation(entry.content["m.relates_to"]?.objectValue)
        else { return }
        switch relation.kind {
        case .annotation(let key): add(key, by: ownUserID, to: target)
        case .replacement: pendingEdits[ByteExactString(target)] = entry.content["m.new_content"]?.objectValue
        default: break
        }
    }

    private mutating func add(_ key: String, by sender: UserID, to target: String) {
        // The same twice is one: servers refuse it, and ours may be there and in the queue.
        let target = ByteExactString(target)
        guard reactions[target]?.contains(where: { utf8Equal($0.key, key) && $0.sender == sender }) != true else {
            return
        }
        reactions[target, default: []].append((key, sender))
    }

    /// The newest valid edit.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#validity-of-replacement-events
    func edit(of event: StoredEvent) -> Edit? {
        guard let sender = event.sender, event.stateKey == nil, event.relation?.isReplacement != true else {
            return nil
        }
        if let content = pendingEdits[ByteExactString(event.eventID)]
            ?? event.transactionID.flatMap({ pendingEdits[ByteExactString(QueueEntry.reference($0))] })
        {
            return Edit(
                sender: sender, isEncrypted: event.isEncrypted, type: event.type, timestamp: .max, eventID: "",
                content: content)
        }
        let valid = edits[ByteExactString(event.eventID)]?.filter {
            $0.sender == sender && $0.type == event.type && ($0.isEncrypted || !event.isEncrypted)
        }
        return valid?.max { ($0.timestamp, ByteExactString($0.eventID)) < ($1.timestamp, ByteExactString($1.eventID)) }
    }

    func pendingEdit(of reference: String) -> JSONObject? { pendingEdits[ByteExactString(reference)] }

    func pendingRedaction(of event: StoredEvent) -> PendingRedaction? { redactions[ByteExactString(event.eventID)] }

    /// - Parameter targets: what the message is called: its event ID, and its reference in the queue.
    func reactions(to targets: [String], ownUserID: UserID) -> [Reaction] {
        var result: [Reaction] = []
        for (key, sender) in targets.flatMap({ reactions[ByteExactString($0)] ?? [] }) {
            if let index = result.firstIndex(where: { utf8Equal($0.key, key) }) {
                guard !result[index].senders.contains(sender) else { continue }
                result[index].senders.append(sender)
                if sender == ownUserID { result[index].isMine = true }
            } else {
                result.append(Reaction(key: key, senders: [sender], isMine: sender == ownUserID))
            }
        }
        return result
    }
}
