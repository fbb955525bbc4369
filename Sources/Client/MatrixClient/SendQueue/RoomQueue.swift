import CanonicalJSON

/// One room's entries, in the order in which they are sent. Pure: it answers what is to be stored.
package struct RoomQueue: Sendable, Equatable {
    package private(set) var entries: [QueueEntry] = []

    package init(_ entries: [QueueEntry] = []) { self.entries = entries.sorted { $0.place < $1.place } }

    package var nextPlace: Int64 { (entries.last?.place ?? 0) + 1 }
    package var hasWaiting: Bool { entries.contains(where: \.isWaiting) }

    package subscript(transactionID: String) -> QueueEntry? {
        entries.first { utf8Equal($0.transactionID, transactionID) }
    }

    private func index(_ transactionID: String) -> Int? {
        entries.firstIndex { utf8Equal($0.transactionID, transactionID) }
    }

    /// What is to be sent now: the first that waits.
    package var next: QueueEntry? { entries.first(where: \.isWaiting) }

    /// Whether something that the entry speaks of will never have an event ID.
    package func isOrphan(_ entry: QueueEntry) -> Bool {
        entry.references.contains { reference in
            guard let target = entries.first(where: { utf8Equal($0.reference, reference) }) else { return true }
            if case .failed = target.state { return true }
            return false
        }
    }

    package mutating func append(_ entry: QueueEntry) -> [StoreChange] {
        entries.append(entry)
        return [entry.change]
    }

    /// Puts an entry in the place of that with its transaction ID; nothing when there is none any more.
    package mutating func replace(_ entry: QueueEntry) -> [StoreChange] {
        guard let index = index(entry.transactionID) else { return [] }
        entries[index] = entry
        return [entry.change]
    }

    package mutating func remove(_ transactionID: String) -> [StoreChange] {
        guard let index = index(transactionID) else { return [] }
        let entry = entries.remove(at: index)
        var changes = [entry.deletion]
        if entry.upload != nil { changes.append(StoreChange(entry.uploadKey, nil)) }
        return changes
    }

    /// The server has given an entry its ID: those that speak of it learn it.
    package mutating func sent(_ transactionID: String, as eventID: String) -> [StoreChange] {
        guard let index = index(transactionID) else { return [] }
        entries[index].state = .sent(eventID: eventID)
        return [entries[index].change] + resolve(entries[index].reference, to: eventID)
    }

    /// The event has come back with a sync.
    package mutating func returned(transactionID: String?, eventID: String) -> [StoreChange] {
        let entry = entries.first { entry in
            transactionID.map { utf8Equal($0, entry.transactionID) } ?? false
                || entry.eventID.map { utf8Equal($0, eventID) } ?? false
        }
        // One that is to be redacted stays until its redaction is in the queue.
        guard let entry, !entry.isCancelled || entry.eventID != nil else { return [] }
        return resolve(entry.reference, to: eventID) + remove(entry.transactionID)
    }

    private mutating func resolve(_ reference: String, to eventID: String) -> [StoreChange] {
        var changes: [StoreChange] = []
        for index in entries.indices where entries[index].resolve(reference, to: eventID) {
            changes.append(entries[index].change)
        }
        return changes
    }

    /// Puts what has failed at the end, with its transaction ID and what was encrypted: if an attempt did arrive, it
    /// still counts once.
    package mutating func resend(_ transactionID: String) -> [StoreChange] {
        guard let index = index(transactionID), case .failed = entries[index].state else { return [] }
        let old = entries.remove(at: index)
        var new = QueueEntry(
            roomID: old.roomID, place: nextPlace, transactionID: old.transactionID, kind: old.kind,
            content: old.content, target: old.target, timestamp: old.timestamp)
        new.encrypted = old.encrypted
        new.upload = old.upload
        new.hasBeenTried = old.hasBeenTried
        entries.append(new)
        return [old.deletion, new.change]
    }

    /// Throws an entry away, and what speaks of it.
    package mutating func cancel(_ transactionID: String) -> [StoreChange] {
        guard let entry = self[transactionID] else { return [] }
        let dependent = entries.filter { $0.references.contains { utf8Equal($0, entry.reference) } }
        return remove(transactionID) + dependent.flatMap { remove($0.transactionID) }
    }
}
