import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// A room that a request asks for, by whichever of its rules.
struct MatchedRoom: Sendable {
    let room: ListedRoom
    /// Indices into the request's lists.
    var lists: [Int] = []
    var isSubscribed = false
    var timelineLimit = 0
    /// Indices into the request's different `required_state`s, in order.
    var requiredStates: [Int] = []

    init(_ room: ListedRoom) { self.room = room }

    mutating func add(_ config: SlidingSyncRequest.Config) {
        timelineLimit = max(timelineLimit, config.timelineLimit)
        if !requiredStates.contains(config.requiredState) {
            requiredStates.append(config.requiredState)
            requiredStates.sort()
        }
    }
}

/// The rooms that a request asks for.
struct RoomListing: Sendable {
    var rooms: [RoomNumber: MatchedRoom] = [:]
    /// How many rooms each list has, by the list's name.
    var counts: [String: Int] = [:]
}

/// Sorts and filters a user's rooms. Looks at what his stream knows of them; rooms are not loaded.
struct RoomLister: Sendable {
    let service: SyncService
    let request: SlidingSyncRequest
    let stream: UserStream
    let settings: UserSettings

    /// - Parameter sent: what the user was in a room when the connection was last sent it; nil when it was not.
    func listing(sent: (RoomNumber) -> Membership?) async throws -> RoomListing {
        var listing = RoomListing()
        // A connection without lists (that for encryption, in Element X) looks at no rooms at all.
        guard !request.lists.isEmpty || !request.subscriptions.isEmpty else { return listing }
        let rooms = try await visibleRooms(sent: sent)
        for (index, list) in request.lists.enumerated() {
            let filtered = try await filter(rooms, by: list.filter)
            listing.counts[list.name] = filtered.count
            for room in window(of: filtered, list.ranges) {
                listing.rooms[room.number, default: MatchedRoom(room)].lists.append(index)
                listing.rooms[room.number]?.add(list.config)
            }
        }
        guard !request.subscriptions.isEmpty else { return listing }
        for room in rooms {
            guard let config = request.subscriptions[room.entry.roomID] else { continue }
            listing.rooms[room.number, default: MatchedRoom(room)].isSubscribed = true
            listing.rooms[room.number]?.add(config)
        }
        return listing
    }

    /// The rooms that the user may be shown: those he is in, invited to or knocks on, those he was removed from, and
    /// those he has left if the client knows them. Of those he has forgotten, the client learns once that he has left.
    private func visibleRooms(sent: (RoomNumber) -> Membership?) async throws -> [ListedRoom] {
        let needed = RoomFactsNeeded(
            roomType: request.lists.contains { $0.filter?.needsRoomType == true },
            encryption: request.lists.contains { $0.filter?.isEncrypted != nil })
        let rooms = try await withFacts(needed, stream.allRooms)
        return rooms.filter { room in
            let change = room.entry.facts.membershipChange
            let former = sent(room.number)
            if room.entry.isForgotten { return former.map { ![.leave, .ban].contains($0) } ?? false }
            switch room.entry.membership {
            case .join, .knock: return true
            case .invite where settings.blocksInvites: return false
            case .invite: return change.map { !settings.ignoredUsers.contains($0.sender) } ?? true
            case .leave:
                let wasRemoved = change.map { $0.sender != stream.userID && $0.hasJoined } ?? false
                return wasRemoved || former != nil
            case .ban: return change?.hasJoined == true || former != nil
            }
        }
    }

    private func withFacts(_ needed: RoomFactsNeeded, _ rooms: [ListedRoom]) async throws -> [ListedRoom] {
        let lacking = rooms.filter { needed.isLacking($0.entry) }
        guard !lacking.isEmpty else { return rooms }
        let userID = stream.userID
        let facts = try await service.database.read { store in
            var facts: [RoomNumber: RoomFacts] = [:]
            for room in lacking { facts[room.number] = try store.facts(needed, of: room, userID: userID) }
            return facts
        }
        stream.keep(facts)
        return rooms.map { room in
            guard let facts = facts[room.number] else { return room }
            var room = room
            room.entry.facts = facts
            return room
        }
    }

    // MARK: One list

    private func filter(_ rooms: [ListedRoom], by filter: RoomListFilter?) async throws -> [ListedRoom] {
        guard let filter else { return rooms }
        let tags = filter.needsTags ? try await tags() : [:]
        var children: Set<ByteExactString>?
        if let spaces = filter.spaces { children = try await self.children(of: spaces, among: rooms) }
        return rooms.filter { room in
            filter.passes(
                RoomListFilter.Subject(
                    room: room, isDirect: settings.isDirect(room.entry.roomID), tags: tags[room.number] ?? [],
                    children: children))
        }
    }

    private func window(of rooms: [ListedRoom], _ ranges: [ClosedRange<Int>]?) -> [ListedRoom] {
        guard let ranges else { return rooms }
        let wanted = ranges.filter { $0.lowerBound < rooms.count }
        // Whoever wants all of them need not wait for their order.
        if wanted.contains(where: { $0.lowerBound == 0 && $0.upperBound >= rooms.count - 1 }) { return rooms }
        guard !wanted.isEmpty else { return [] }
        let sorted = rooms.sorted { ($1.activity, $1.number.rawValue) < ($0.activity, $0.number.rawValue) }
        var window: [ListedRoom] = []
        var taken: Set<RoomNumber> = []
        for range in wanted {
            for room in sorted[range.lowerBound...min(range.upperBound, sorted.count - 1)]
            where taken.insert(room.number).inserted {
                window.append(room)
            }
        }
        return window
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#room-tagging
    private func tags() async throws -> [RoomNumber: Set<ByteExactString>] {
        if let tags = stream.tags { return tags }
        let position = stream.roomAccountDataPosition
        let userID = stream.userID
        let tags = try await service.database.read { store in
            var tags: [RoomNumber: Set<ByteExactString>] = [:]
            for (room, record) in try store.accountDataOfRooms(EventType.tag, of: userID) {
                tags[room] = try RoomTags.names(in: record.content)
            }
            return tags
        }
        stream.keep(tags: tags, readAt: position)
        return tags
    }

    /// The rooms that the spaces name, of those spaces that the user is in.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#mspacechild-relationship
    private func children(of spaces: [RoomID], among rooms: [ListedRoom]) async throws -> Set<ByteExactString> {
        var children: Set<ByteExactString> = []
        for space in rooms where space.entry.membership == .join && spaces.contains(space.entry.roomID) {
            let room = try await service.rooms.room(space.number)
            let events = room.read { Array($0.state.events(ofType: EventType.spaceChild)) }
            for event in events where event.content["via"]?.arrayValue != nil {
                if let key = event.stateKey { children.insert(ByteExactString(key)) }
            }
        }
        return children
    }
}
