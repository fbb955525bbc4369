import CanonicalJSON
import MatrixIdentifiers

/// What lists of rooms show.
extension Engine {
    func roomSummaries() -> [RoomSummary] {
        let direct = directRooms()
        var summaries: [RoomSummary] = []
        for record in rooms.values where [.join, .invite, .knock].contains(record.membership) && !record.isSpace {
            if record.membership == .invite, let inviter = record.inviter, ignoredUsers.contains(inviter) { continue }
            summaries.append(summary(of: record, directUserID: direct[record.id]))
        }
        return summaries.sorted(by: RoomSummary.precedes)
    }

    func roomListUpdates() -> AsyncStream<[RoomSummary]> {
        publishRooms()
        return roomListBroadcast.stream()
    }

    func publishRooms() {
        let summaries = roomSummaries()
        if summaries != roomListBroadcast.value { roomListBroadcast.send(summaries) }
    }

    func summary(of roomID: RoomID) -> RoomSummary? {
        rooms[roomID].map { summary(of: $0, directUserID: directRooms()[roomID]) }
    }

    private func summary(of record: RoomRecord, directUserID: UserID?) -> RoomSummary {
        var summary = RoomSummary(id: record.id, name: record.displayName, membership: record.membership)
        summary.topic = record.topic
        summary.avatarURL = record.avatarURL
        summary.directUserID = directUserID
        summary.isEncrypted = record.isEncrypted
        summary.isFavourite = record.tags.contains("m.favourite")
        summary.isLowPriority = record.tags.contains("m.lowpriority")
        summary.isMarkedUnread = record.isMarkedUnread
        (summary.unreadCount, summary.highlightCount) = record.unread
        summary.joinedCount = record.joinedCount
        summary.invitedCount = record.invitedCount
        summary.inviter = record.inviter
        summary.activity = record.activity
        summary.typing = typing[record.id]?.filter { !ignoredUsers.contains($0) } ?? []
        summary.lastMessage = lastMessage(of: record.id)
        if let message = summary.lastMessage { summary.activity = max(summary.activity, message.timestamp) }
        return summary
    }

    /// `m.direct` by room.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#direct-messaging
    func directRooms() -> [RoomID: UserID] {
        var direct: [RoomID: UserID] = [:]
        for member in accountData[ByteExactString("m.direct")]?.members ?? [] {
            guard let userID = UserID(member.key) else { continue }
            for room in member.value.arrayValue ?? [] {
                if let id = room.stringValue.flatMap(RoomID.init) { direct[id] = userID }
            }
        }
        return direct
    }

    var ignoredUsers: Set<UserID> {
        let users = accountData[ByteExactString("m.ignored_user_list")]?["ignored_users"]?.objectValue
        return Set(users?.members.compactMap { UserID($0.key) } ?? [])
    }

    // MARK: The latest message

    /// Among so many events the latest message is looked for.
    private static let lookBack = 20

    private func lastMessage(of roomID: RoomID) -> RoomSummary.LastMessage? {
        if let entry = queues[roomID]?.entries.last(where: { $0.eventType == "m.room.message" && $0.eventID == nil }),
            Relation(entry.content["m.relates_to"]?.objectValue)?.isReplacement != true
        {
            let message = Message(content: entry.content, isReply: false)
            return .init(
                sender: userID, senderName: storedName(of: userID, in: roomID) ?? userID.string, isOwn: true,
                timestamp: entry.timestamp, content: .message(message), sending: entry.sendState)
        }
        if lastMessages[roomID] == nil { refreshLastMessage(of: roomID) }
        return lastMessages[roomID]
    }

    func refreshLastMessage(of roomID: RoomID) {
        lastMessages[roomID] = nil
        do throws(ClientError) {
            var input = TimelineInput(
                ownUserID: userID, events: try storedEvents(of: roomID, below: nil, limit: Self.lookBack))
            input.ignoredUsers = ignoredUsers
            let items = TimelineBuilder.snapshot(input).items
            let item = items.last { item in
                switch item.content {
                case .message, .unreadable, .redacted: true
                default: false
                }
            }
            guard let item = item ?? items.last else { return }
            lastMessages[roomID] = .init(
                sender: item.sender, senderName: storedName(of: item.sender, in: roomID) ?? item.sender.string,
                isOwn: item.isOwn, timestamp: item.timestamp, content: item.content, sending: nil)
        } catch {
            // A store that cannot be read is found at the next commit.
        }
    }
}

extension RoomSummary {
    /// Invitations, favourites, the others, those of low priority; within each the newest first.
    static func precedes(_ left: RoomSummary, _ right: RoomSummary) -> Bool {
        (left.rank, -left.activity, left.id) < (right.rank, -right.activity, right.id)
    }

    private var rank: Int {
        if membership == .invite { return 0 }
        if isFavourite { return 1 }
        return isLowPriority ? 3 : 2
    }
}
