import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest

/// What a client of `/sync` must have put together.
extension ClassicClient {
    /// - Parameters:
    ///   - before: the client before the answer.
    ///   - answered: the section of the answer that has the room, if any.
    mutating func check(_ room: World.Room, before: ClassicClient, answered: String?, _ stage: Stage) throws {
        let former = before.rooms[room.id]?.section
        let isFirst = before.since == nil
        guard let (membership, event) = room.membership(of: id) else {
            return try agree(answered, nil, "section of a room that the user has nothing to do with")
        }
        let hasChanged = isFirst || event.tick > before.lastTick
        switch membership {
        case "join":
            try agree(rooms[room.id]?.section, "join", "section")
            try checkJoined(room, joinedAt: event.tick, before: before, wasAnswered: answered != nil, stage)
        case "invite" where stage.world.ignored[id]?.contains(event.sender) == true:
            if hasChanged { try hold(answered != "invite", "an ignored user's invitation is shown") }
            if former == "join" { try agree(rooms[room.id]?.section, "leave", "section under a hidden invitation") }
        case "invite", "knock":
            if hasChanged { try agree(rooms[room.id]?.section, membership, "section") }
        default:
            let isForgotten = room.forgottenBy.contains(id)
            if isFirst {
                if !isForgotten { try agree(answered, settings.includesLeft ? "leave" : nil, "section") }
            } else if hasChanged, former != nil || !isForgotten {
                try agree(rooms[room.id]?.section, "leave", "section")
            }
            if answered == "leave", former == "join", !isForgotten {
                try checkLeft(room, endedAt: event.tick, before: before, stage)
            }
        }
    }

    private mutating func checkJoined(
        _ room: World.Room, joinedAt: Int, before: ClassicClient, wasAnswered: Bool, _ stage: Stage
    ) throws {
        guard var known = rooms[room.id] else { return }
        defer { rooms[room.id] = known }
        let wasJoined = before.rooms[room.id]?.section == "join"
        let start = wasJoined ? before.lastTick : 0
        let news = room.visibleEvents(to: id).filter { $0.tick > start && !stage.world.isIgnored($0, by: id) }
        known.expectedTimeline = (wasJoined ? known.expectedTimeline : []) + news.map(\.eventID)
        try agree(known.timeline, known.expectedTimeline, "timeline")

        try checkState(known, of: room.state())

        // Who has come back meanwhile is told all of them.
        let receiptStart = wasJoined && joinedAt <= before.lastTick ? before.lastTick : 0
        let receipts = stage.world.receipts(in: room, for: id, after: receiptStart).mapValues(\.eventID)
        known.expectedReceipts.merge(receipts) { $1 }
        try agree(known.receipts, known.expectedReceipts, "receipts")

        let ignored = stage.world.everIgnored[id] ?? []
        try agree(known.typing.subtracting(ignored), room.typing.subtracting(ignored), "typing")
        try agree(known.accountData, room.accountData[id] ?? [:], "the room's account data")
        try agree(known.joinedCount, room.memberCount("join"), "joined members")
        try agree(known.invitedCount, room.memberCount("invite"), "invited members")
        if known.countedAt > stage.world.ignoredChangedAt[id] ?? 0 || wasAnswered {
            try checkUnread(known, room, stage)
        }
    }

    private func checkState(_ known: Known, of state: [StateTuple: World.Event]) throws {
        var expected = state.mapValues(\.eventID)
        if settings.lazyLoadsMembers {
            // What the client has of the members must be right; it need not have all of them.
            expected = expected.filter { known.state[$0.key] != nil || $0.key.type.string != "m.room.member" }
        }
        for (tuple, eventID) in expected where known.state[tuple] != eventID {
            throw Disagreement(
                "state \(tuple.type) \(tuple.stateKey): client \(known.state[tuple] ?? "-"), model \(eventID)")
        }
        try agree(known.state.count, expected.count, "count of the state")
    }

    private func checkUnread(_ known: Known, _ room: World.Room, _ stage: Stage) throws {
        let unread = stage.world.unread(in: room, for: id)
        guard settings.unreadThreads else {
            try agree(known.unread, unread.values.reduce(Unread(), +), "unread")
            return
        }
        try agree(known.unread, unread[nil] ?? Unread(), "unread in the main timeline")
        var threads: [String: Unread] = [:]
        for (thread, count) in unread { if let thread { threads[thread] = count } }
        try agree(known.threads, threads, "unread in threads")
    }

    /// The room is shown up to the leave, and nothing of it later.
    private func checkLeft(_ room: World.Room, endedAt: Int, before: ClassicClient, _ stage: Stage) throws {
        guard let known = rooms[room.id], let former = before.rooms[room.id], let leftAt = room.leftAt(id) else {
            return
        }
        let news = room.visibleEvents(to: id).filter {
            $0.tick > before.lastTick && $0.tick <= endedAt && !stage.world.isIgnored($0, by: id)
        }
        if news.isEmpty { return }
        try agree(known.timeline, former.expectedTimeline + news.map(\.eventID), "timeline of the room that was left")
        let joinedAt = room.events.last { $0.membership == "join" && $0.stateKey == id && $0.tick < leftAt }?.tick ?? 0
        let wasThereAllTheTime = !room.events.contains {
            $0.stateKey == id && $0.membership != nil && $0.tick > before.lastTick && $0.tick < leftAt
        }
        guard endedAt == leftAt, wasThereAllTheTime, joinedAt <= before.lastTick else { return }
        try checkState(known, of: room.state(upTo: leftAt))
    }
}
