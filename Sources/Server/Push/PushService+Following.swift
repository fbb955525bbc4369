import Accounts
import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// Following the stream: what concerns whom.
extension PushService {
    private static let blockCount = 256

    /// Looks at everything that has become visible.
    func follow() async throws {
        let end = writes.publishedPosition
        while true {
            let start = state.withLock { state -> StreamPosition? in
                // Without pushers there is nothing to look at.
                if state.pushers.isEmpty { state.position = max(state.position, end) }
                return state.position < end ? state.position : nil
            }
            guard let start else { break }
            let places = try await database.read { store in
                try store.eventPlaces(after: start, upTo: end, limit: Self.blockCount)
            }
            for place in places { try await look(at: place.position, in: place.room) }
            let reached = places.count < Self.blockCount ? end : places.last?.position ?? end
            state.withLock { $0.position = max($0.position, reached) }
        }
        try await lookAtReceipts(upTo: end)
    }

    // MARK: Events

    private func look(at position: StreamPosition, in number: RoomNumber) async throws {
        // Most rooms have nobody with a pusher, and are not even loaded for it.
        if state.withLock({ $0.audiences[number]?.isEmpty == true }) { return }
        let room = try await rooms.room(number)
        let audience = audience(of: room)
        guard !audience.isEmpty, let event = try await rooms.event(at: position, in: room) else { return }
        let now = environment.timestamp
        for userID in audience {
            if event.sender == userID {
                // Whoever writes has read what stands above.
                noteRead(room.number, by: userID, now: now)
            } else if event.type == EventType.roomRedaction {
                noteRead(room.number, by: userID, now: now)
            } else if let tweaks = try await settings(of: userID).tweaks(for: event, in: room) {
                add(Self.entry(event, room.number, tweaks), for: userID)
            }
        }
    }

    static func entry(_ event: RoomEvent, _ room: RoomNumber, _ tweaks: JSONObject) -> PusherQueue.Entry {
        PusherQueue.Entry(
            room: room, position: event.position, timestamp: event.pdu.originServerTimestamp, tweaks: tweaks)
    }

    private func add(_ entry: PusherQueue.Entry, for userID: UserID) {
        state.withLock { state in
            state.subscribers[userID]?.changedRooms.insert(entry.room)
            for number in state.subscribers[userID]?.pushers ?? [] {
                guard let start = state.pushers[number]?.start, start < entry.position else { continue }
                state.pushers[number]?.queue.add(entry)
                state.active.insert(number)
            }
        }
    }

    /// The users with pushers who are in the room or invited to it.
    private func audience(of room: Room) -> [UserID] {
        let (present, version, subscribers) = state.withLock { state in
            (state.audiences[room.number], state.audienceVersion, Array(state.subscribers.keys))
        }
        if let present { return present }
        let known = Set(subscribers)
        let audience = room.read { view -> [UserID] in
            // Whichever are fewer: the writer waits meanwhile.
            guard view.joinedCount + view.invitedCount < subscribers.count else {
                return subscribers.filter { Self.isConcerned(view.state.membership(of: $0)) }
            }
            let members = view.state.events(ofType: EventType.roomMember).filter { Self.isConcerned($0.pdu.membership) }
            return members.compactMap { $0.stateKey.flatMap(UserID.init) }.filter(known.contains)
        }
        state.withLock { state in
            // Somebody may have come or gone meanwhile.
            guard state.audienceVersion == version else { return }
            if state.audiences.count >= Self.maximumAudiences { state.audiences = [:] }
            state.audiences[room.number] = audience
        }
        return audience
    }

    private static func isConcerned(_ membership: Membership?) -> Bool {
        membership == .join || membership == .invite
    }

    func settings(of userID: UserID) async throws -> PushSettings {
        let (present, version) = state.withLock { state in
            (state.subscribers[userID]?.settings, state.subscribers[userID]?.settingsVersion)
        }
        if let present { return present }
        let settings = try await database.read { store in
            PushSettings(rules: try store.pushRules(of: userID), ignoredUsers: try store.ignoredUsers(of: userID))
        }
        state.withLock { state in
            guard state.subscribers[userID]?.settingsVersion == version else { return }
            state.subscribers[userID]?.settings = settings
        }
        return settings
    }

    // MARK: Reading elsewhere

    private func lookAtReceipts(upTo end: StreamPosition) async throws {
        let (numbers, start) = state.withLock { state in
            defer {
                state.readRooms = []
                state.receiptPosition = end
            }
            return (state.readRooms, state.receiptPosition)
        }
        let now = environment.timestamp
        for number in numbers {
            let room = try await rooms.room(number)
            let audience = Set(audience(of: room))
            guard !audience.isEmpty else { continue }
            let receipts = room.read { $0.receipts.changes(after: start, upTo: end) }
            for userID in Set(receipts.map(\.userID)) where audience.contains(userID) {
                noteRead(number, by: userID, now: now)
            }
        }
    }

    /// Has the user's pushers tell the count anew, if there was anything to read.
    private func noteRead(_ room: RoomNumber, by userID: UserID, now: Int64) {
        state.withLock { state in
            guard let subscriber = state.subscribers[userID] else { return }
            let hadUnread = subscriber.unread.map { $0[room] != nil } ?? true
            guard hadUnread || subscriber.changedRooms.contains(room) else { return }
            state.subscribers[userID]?.changedRooms.insert(room)
            for number in subscriber.pushers {
                guard let pusher = state.pushers[number], !pusher.disablesBadge,
                    pusher.queue.badge > 0 || !pusher.queue.isEmpty || pusher.queue.isDelivering
                else { continue }
                state.pushers[number]?.queue.noteRead(now: now)
                state.active.insert(number)
            }
        }
    }

    /// The user's unread notifications in all rooms.
    func unreadCount(of userID: UserID) async throws -> Int {
        let before = state.withLock { state in
            defer { state.subscribers[userID]?.changedRooms = [] }
            return state.subscribers[userID] ?? Subscriber()
        }
        if let unread = before.unread, before.changedRooms.isEmpty { return unread.values.reduce(0, +) }
        let wanted = before.unread == nil ? nil : before.changedRooms
        do {
            let counted = try await counter.notificationCounts(of: userID, in: wanted)
            return state.withLock { state in
                var unread = wanted == nil ? [:] : state.subscribers[userID]?.unread ?? [:]
                for room in wanted ?? [] { unread[room] = nil }
                unread.merge(counted) { _, new in new }
                if state.subscribers[userID]?.settingsVersion == before.settingsVersion {
                    state.subscribers[userID]?.unread = unread
                }
                return unread.values.reduce(0, +)
            }
        } catch {
            state.withLock { $0.subscribers[userID]?.changedRooms.formUnion(before.changedRooms) }
            throw error
        }
    }
}
