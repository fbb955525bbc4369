import CanonicalJSON

/// What a user has not read.
struct Unread: Equatable, Sendable {
    var notifications: Int64 = 0
    var highlights: Int64 = 0

    static func + (first: Unread, second: Unread) -> Unread {
        Unread(
            notifications: first.notifications + second.notifications, highlights: first.highlights + second.highlights)
    }
}

extension World {
    /// Unread events by thread, the main timeline under nil; only what has any.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#calculating-unread-message-counts
    func unread(in room: Room, for user: String) -> [String?: Unread] {
        guard let joined = room.membership(of: user)?.event.tick else { return [:] }
        var unread: [String?: Unread] = [:]
        for event in room.events where event.tick > joined && event.redactedBy == nil {
            let thread = event.thread
            guard event.sender != user, ignored[user]?.contains(event.sender) != true,
                !hasRead(event, in: thread, of: room, user)
            else { continue }
            // By the predefined push rules.
            let mentions = event.content["m.mentions"]?.objectValue?["user_ids"]?.arrayValue ?? []
            if mentions.contains(.string(user)) {
                unread[thread, default: Unread()].highlights += 1
                unread[thread, default: Unread()].notifications += 1
            } else if event.type == "m.room.message", event.relatesTo?["rel_type"] != "m.replace" {
                unread[thread, default: Unread()].notifications += 1
            }
        }
        return unread
    }

    /// By a receipt of the thread or of everything, or by having written there.
    private func hasRead(_ event: Event, in thread: String?, of room: Room, _ user: String) -> Bool {
        let hasWritten = room.events.contains { own in
            own.sender == user && own.tick > event.tick && own.thread == thread
        }
        if hasWritten { return true }
        return room.receipts.contains { key, receipt in
            guard key.user == user, key.thread == nil || key.thread == thread ?? "main" else { return false }
            return room.event(receipt.eventID).map { $0.tick >= event.tick } ?? false
        }
    }

    /// Whether a sync leaves the event out because of who sent it. State is never left out.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#ignoring-users
    func isIgnored(_ event: Event, by user: String) -> Bool {
        event.stateKey == nil && ignored[user]?.contains(event.sender) == true
    }

    /// The receipts that a user may see, set after `tick`.
    func receipts(in room: Room, for user: String, after tick: Int = 0) -> [ReceiptKey: Receipt] {
        room.receipts.filter { key, receipt in
            receipt.tick > tick && (key.type == "m.read" || key.user == user)
                && ignored[user]?.contains(key.user) != true
        }
    }
}
