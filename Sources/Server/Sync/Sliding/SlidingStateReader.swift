import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// Reads what a connection lacks of a room's state.
struct SlidingStateReader: Sendable {
    let rooms: RoomService
    let room: Room
    let rules: StateRules
    let now: StreamPosition

    struct Answer: Sendable {
        /// The earliest first.
        var events: [RoomEvent]
        /// The members that the connection has been sent.
        var members: Set<ByteExactString>
    }

    /// - Parameters:
    ///   - changed: what has changed since the room was last sent; nil when all of it is new to the client.
    ///   - isExpanded: whether the timeline shows events from before what the client had.
    func state(
        changed: [RoomEvent]?, timeline: SyncTimeline, isExpanded: Bool, known: SentRoom?
    ) async throws -> Answer {
        var events: [RoomEvent]
        if let changed, let known {
            events = changed.filter(rules.matches)
            if timeline.isLimited { events += try await redacted(after: known.upTo) }
            if !rules.isSame(as: known.rules) {
                // More is wanted than before: what the client has not been sent because of the old rules.
                events += try await present { rules.select(from: $0.state) }.filter { !known.rules.matches($0) }
            }
        } else {
            events = try await present { rules.select(from: $0.state) }
        }
        // After a gap, clients know of no member for sure.
        var members = timeline.isLimited || known == nil ? [] : known?.members ?? []
        if rules.lazyMembers {
            let wanted = lazyMembers(timeline).subtracting(members)
            events += try await present { view in
                wanted.compactMap { view.state[EventType.roomMember, $0.string] }
            }
            if let changed, !timeline.isLimited || isExpanded {
                events += changed.filter { $0.type == EventType.roomMember }
            }
        }
        for event in events where event.type == EventType.roomMember {
            if let key = event.stateKey { members.insert(ByteExactString(key)) }
        }
        if members.count > SentRoom.maximumMembers { members = [] }
        return Answer(events: StateMap(events).all.sorted { $0.position < $1.position }, members: members)
    }

    /// What of the state has lost its content since a position, in a redaction that the timeline need not show.
    private func redacted(after position: StreamPosition) async throws -> [RoomEvent] {
        try await present { view in
            view.state.all.filter { event in
                guard let redaction = event.redactedBecause, event.position <= position else { return false }
                return redaction.position > position && redaction.position <= now && rules.matches(event)
            }
        }
    }

    /// Who wrote the events, and whom they are about.
    private func lazyMembers(_ timeline: SyncTimeline) -> Set<ByteExactString> {
        var users: Set<ByteExactString> = []
        for event in timeline.events {
            users.insert(ByteExactString(event.sender.string))
            if event.type == EventType.roomMember, let key = event.stateKey { users.insert(ByteExactString(key)) }
        }
        return users
    }

    /// Reads from the present state, unless something in that is later than the answer may say.
    private func present(_ select: (RoomView) -> sending [RoomEvent]) async throws -> [RoomEvent] {
        let events = room.read(select)
        guard events.contains(where: { $0.position > now }) else { return events }
        let state = try await rooms.storedState(of: room, at: now)
        return events.compactMap { event in
            event.position <= now ? event : event.stateKey.flatMap { state[event.type, $0] }
        }
    }
}

extension RoomService {
    /// The event that made a user's membership what it is since `position`.
    func memberEvent(of userID: UserID, in room: Room, at position: StreamPosition) async throws -> RoomEvent? {
        let present = room.read { $0.state[EventType.roomMember, userID.string] }
        if let present, present.position == position { return present }
        let before = StreamPosition(position.rawValue - 1)
        return try await storedEvents(of: room, after: before, upTo: position, limit: 1).first
    }
}

/// What somebody is shown of a room that he is invited to or knocks on.
///
/// https://spec.matrix.org/v1.19/client-server-api/#stripped-state
enum StrippedRoom {
    private static let types = [
        EventType.roomCreate, EventType.roomJoinRules, EventType.roomName, EventType.roomAvatar,
        EventType.roomCanonicalAlias, EventType.roomEncryption, EventType.roomTopic,
    ]

    /// Empty when the user has no membership in the room.
    static func events(of room: Room, for userID: UserID, upTo now: StreamPosition) -> [RoomEvent] {
        room.read { view in
            guard let member = view.state[EventType.roomMember, userID.string] else { return [] }
            let inviter =
                member.sender == userID ? nil : view.state[EventType.roomMember, member.sender.string]
            return (types.compactMap { view.state[$0] } + [inviter, member].compactMap { $0 })
                .filter { $0.position <= now }
        }
    }
}

/// When something was last said in a room: what clients may sort rooms by.
enum BumpStamp {
    private static let types: Set<String> = [
        EventType.roomCreate, EventType.roomMessage, EventType.roomEncrypted, "m.sticker", "m.call.invite",
        "m.poll.start", "org.matrix.msc3381.poll.start", "m.beacon_info", "org.matrix.msc3672.beacon_info",
    ]
    /// Events looked at for the latest that counts.
    private static let maximumEvents = 200

    static func moves(_ event: RoomEvent) -> Bool { types.contains(event.type) }

    /// Nil when nothing was said for long.
    static func latest(in room: Room, of rooms: RoomService, upTo now: StreamPosition) async throws -> StreamPosition? {
        let (present, start) = room.read { ($0.timeline, $0.timelineStart) }
        if let event = present.last(where: { $0.position <= now && moves($0) }) { return event.position }
        guard start > .zero else { return nil }
        return try await rooms.storedEvents(of: room, after: .zero, upTo: start, limit: maximumEvents)
            .last(where: moves)?.position
    }
}
