import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest

/// What a client of sliding sync must have put together.
extension WindowClient {
    /// What is asked for of one room.
    struct Window {
        var limit = 0
        /// Variants of ``SlidingSettings``.
        var requiredStates: Set<Int> = []
    }

    // MARK: Windows

    /// The rooms that the client's request is about, and how many each list has.
    ///
    /// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
    func windows(_ world: World) -> (rooms: [String: Window], counts: [String: Int64]) {
        let listed = world.rooms.compactMap { room in activity(of: room, world).map { (room, $0) } }
            .sorted { $0.1 > $1.1 }.map(\.0)
        var windows: [String: Window] = [:]
        func add(_ room: World.Room, _ limit: Int, _ variant: Int) {
            windows[room.id, default: Window()].limit = max(windows[room.id]?.limit ?? 0, limit)
            windows[room.id]?.requiredStates.insert(variant)
        }
        for room in listed.prefix(settings.lastIndex + 1) {
            add(room, settings.timelineLimit, settings.requiredState)
        }
        var counts = ["all": Int64(listed.count)]
        if settings.listsInvites {
            let invites = listed.filter { $0.membership(of: id)?.membership == "invite" }
            for room in invites { add(room, settings.timelineLimit, settings.requiredState) }
            counts["invites"] = Int64(invites.count)
        }
        for room in listed
        where settings.subscriptions.contains(where: {
            world.rooms.indices.contains($0) && world.rooms[$0].id == room.id
        }) {
            add(room, 3, settings.subscribedState)
        }
        return (windows, counts)
    }

    /// Where a room stands among the others; nil when the user is not shown it.
    private func activity(of room: World.Room, _ world: World) -> Int? {
        guard let (membership, event) = room.membership(of: id) else { return nil }
        switch membership {
        case "join": return room.events.last?.tick
        case "invite": return world.ignored[id]?.contains(event.sender) == true ? nil : event.tick
        case "knock": return event.tick
        default:
            let hasJoined = room.leftAt(id) != nil
            let wasRemoved = hasJoined && (membership == "ban" || event.sender != id)
            let former = rooms[room.id]?.membership
            // Of a room that has been forgotten, the client learns once that the user has left it.
            let isShown =
                room.forgottenBy.contains(id)
                ? former != nil && former != "leave" && former != "ban" : wasRemoved || former != nil
            return isShown ? event.tick : nil
        }
    }

    // MARK: Rooms

    func check(
        _ room: World.Room, _ window: Window, wasAnswered: Bool, before: WindowClient, _ stage: Stage
    ) throws {
        guard let known = rooms[room.id], let (membership, event) = room.membership(of: id) else {
            throw Disagreement("the client lacks the room")
        }
        try hold(wasAnswered || before.rooms[room.id] != nil, "the room is new and was not answered")
        try agree(known.membership, membership, "membership")
        guard membership == "join" else { return }

        let ignored = stage.world.everIgnored[id] ?? []
        func isCompared(_ eventID: String) -> Bool {
            room.event(eventID).map { $0.stateKey != nil || !ignored.contains($0.sender) } ?? true
        }
        let timeline = room.visibleEvents(to: id).map(\.eventID)
        try agree(known.timeline.filter(isCompared), timeline.filter(isCompared), "timeline")
        try checkState(known, room, window)
        try checkExtensions(known, room, ignored, stage)
        try agree(known.joinedCount, room.memberCount("join"), "joined members")
        try agree(known.invitedCount, room.memberCount("invite"), "invited members")
        let name = room.state()[StateTuple("m.room.name")].flatMap { event in
            event.redactedBy == nil ? event.content["name"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } : nil
        }
        // The form of today cannot say that a name has been taken away.
        if settings.isV4 || name != nil { try agree(known.name, name, "name") }
        if !settings.isV4, known.countedAt > stage.world.ignoredChangedAt[id] ?? 0, event.tick > 0 {
            let unread = stage.world.unread(in: room, for: id)
            try agree(known.unread, unread.values.reduce(Unread(), +), "unread")
        }
    }

    private func checkState(_ known: Known, _ room: World.Room, _ window: Window) throws {
        for (tuple, event) in room.state() {
            let (type, key) = (tuple.type.string, tuple.stateKey.string)
            let isWanted = window.requiredStates.contains {
                SlidingSettings.wants($0, type: type, stateKey: key, user: id)
            }
            let isLazy = type == "m.room.member" && window.requiredStates.contains(where: SlidingSettings.lazyLoads)
            guard isWanted || isLazy && known.state[tuple] != nil, known.state[tuple] != event.eventID else {
                continue
            }
            throw Disagreement("state \(type) \(key): client \(known.state[tuple] ?? "-"), model \(event.eventID)")
        }
    }

    private func checkExtensions(_ known: Known, _ room: World.Room, _ ignored: Set<String>, _ stage: Stage) throws {
        try agree(known.accountData, room.accountData[id] ?? [:], "the room's account data")
        try agree(known.typing.subtracting(ignored), room.typing.subtracting(ignored), "typing")
        // One event has room for one receipt of each user and type.
        let all = stage.world.receipts(in: room, for: id)
        let receipts = all.filter { key, receipt in
            key.thread == nil
                || !all.contains {
                    $0.key != key && $0.key.user == key.user && $0.key.type == key.type
                        && $0.value.eventID == receipt.eventID
                }
        }
        for (key, eventID) in known.receipts
        where !ignored.contains(key.user) && (receipts[key] != nil || all[key] == nil) {
            try agree(eventID, receipts[key]?.eventID, "receipt of \(key)")
        }
        for (key, receipt) in receipts where !ignored.contains(key.user) {
            // Of those from before, the client need not have been sent all.
            guard key.user == id || receipt.tick > known.begunAt else { continue }
            try agree(known.receipts[key], receipt.eventID, "receipt of \(key)")
        }
    }
}
