import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Rules

/// Writes one user's view of the rooms that have changed.
struct RoomSyncBuilder: Sendable {
    let service: SyncService
    let request: SyncRequest
    let stream: UserStream
    let now: SyncToken
    let settings: UserSettings
    let format: ClientEventFormat

    private var filter: SyncFilter { request.filter }

    /// Adds the room unless nothing of it is new for this client.
    func add(_ number: RoomNumber, _ entry: UserStream.RoomEntry, to sections: inout RoomSections) async throws {
        let room = try await service.rooms.room(number)
        let bytes: [UInt8]?
        switch entry.membership {
        case .join: bytes = try await joined(room, entry)
        case .invite where hidesInvitation(to: room):
            guard let bytes = try await leftBeforeInvitation(room, entry) else { return }
            return sections.add(room.roomID, bytes, membership: .leave)
        case .invite: bytes = invited(room, entry, key: "invite_state")
        case .knock: bytes = invited(room, entry, key: "knock_state")
        case .leave, .ban: bytes = try await left(room, entry)
        }
        if let bytes { sections.add(room.roomID, bytes, membership: entry.membership) }
    }

    // MARK: Joined rooms

    private func joined(_ room: Room, _ entry: UserStream.RoomEntry) async throws -> [UInt8]? {
        // To somebody who has just joined, the whole room is new.
        let since = request.since.flatMap { entry.membershipPosition > $0.position ? nil : $0 }
        let timeline = try await timeline(
            of: room, since: since?.position, upTo: now.position, joinedAt: entry.membershipPosition)
        let isWhole = since == nil || request.wantsFullState
        let state = try await state(of: room, timeline: timeline, since: isWhole ? nil : since?.position)
        let ephemeral = ephemeral(of: room, since: since)
        let accountData = try await accountData(of: room, entry, since: isWhole ? nil : since?.position)
        let hasNews =
            isWhole || !timeline.events.isEmpty || timeline.isLimited || !state.isEmpty || !ephemeral.isEmpty
            || !accountData.isEmpty
        guard hasNews else { return nil }
        let counts = try await service.counter.counts(
            for: stream, in: room, since: entry.membershipPosition, upTo: now.position, settings: settings)
        let timelineFormat = try await format(showing: timeline, since: since?.position)
        let summary = try await summary(of: room, since: isWhole ? nil : since?.position)

        var writer = JSONWriter(reservingCapacity: 512 + timeline.events.count * 512)
        writer.object { writer in
            Self.write(accountData, as: "account_data", to: &writer)
            Self.write(ephemeral, as: "ephemeral", to: &writer)
            writer.object(request.stateAfterName ?? "state") { writer in
                write(state, to: &writer)
            }
            if let summary { writer.member("summary", .object(summary.json)) }
            write(timeline, format: timelineFormat, to: &writer)
            counts.write(byThread: filter.roomTimeline.unreadThreadNotifications, to: &writer)
        }
        return writer.bytes
    }

    /// Nil when nothing has happened that it depends on.
    private func summary(of room: Room, since: StreamPosition?) async throws -> RoomSummary? {
        if let since {
            let changed = try await service.rooms.changedState(of: room, after: since, upTo: now.position)
            guard changed.contains(where: RoomSummary.dependsOn) else { return nil }
        }
        return RoomSummary(room: room, userID: request.userID)
    }

    private static func write(_ events: [[UInt8]], as key: String, to writer: inout JSONWriter) {
        guard !events.isEmpty else { return }
        writer.object(key) { writer in
            writer.array("events") { writer in for event in events { writer.raw { $0 += event } } }
        }
    }

    private func write(_ events: [RoomEvent], to writer: inout JSONWriter) {
        writer.array("events") { writer in
            for event in events { writer.raw { write(event, membership: nil, format: format, to: &$0) } }
        }
    }

    private func write(
        _ event: RoomEvent, membership: Membership?, format: ClientEventFormat, to output: inout [UInt8]
    ) {
        guard let fields = filter.eventFields else {
            return format.write(event, membership: membership, to: &output)
        }
        output += fields.keeping(in: format.bytes(event, membership: membership))
    }

    /// With what relates to the events of a timeline that leaves some out; else the client has that or is given it.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events
    private func format(showing timeline: SyncTimeline, since: StreamPosition?) async throws -> ClientEventFormat {
        guard timeline.isLimited || since == nil else { return format }
        let viewer = Viewer(userID: request.userID, ignoredUsers: settings.ignoredUsers)
        return format.showing(
            try await service.rooms.aggregations(of: timeline.events, for: viewer, upTo: now.position))
    }

    private func write(_ timeline: SyncTimeline, format: ClientEventFormat, to writer: inout JSONWriter) {
        writer.object("timeline") { writer in
            writer.array("events") { writer in
                for (event, membership) in zip(timeline.events, timeline.memberships) {
                    writer.raw { write(event, membership: membership, format: format, to: &$0) }
                }
            }
            writer.member("limited", .bool(timeline.isLimited))
            writer.member("prev_batch", .string(SyncToken(position: timeline.start).description))
        }
    }

    // MARK: Timeline

    private func timeline(
        of room: Room, since: StreamPosition?, upTo end: StreamPosition, joinedAt: StreamPosition?
    ) async throws -> SyncTimeline {
        // Who has joined since may have been in the room before.
        let beginsAnew = joinedAt != nil && since == nil && request.since != nil
        var timeline = try await TimelineReader(rooms: service.rooms, userID: request.userID, settings: settings)
            .timeline(
                of: room, since: since, upTo: end, joinedAt: joinedAt, limit: filter.timelineLimit,
                filter: filter.roomTimeline, beginsAnew: beginsAnew)
        if joinedAt != nil, hidesState(timeline) {
            timeline.beginAfterReplaced(
                by: try await service.rooms.changedState(of: room, after: timeline.start, upTo: end))
        }
        return timeline
    }

    /// Whether the state before the timeline and the timeline together may not be the state after it.
    private func hidesState(_ timeline: SyncTimeline) -> Bool {
        request.stateAfterName == nil && (filter.roomTimeline.isRestrictive || timeline.mayHideEvents)
    }

    // MARK: State

    /// The state events that the client lacks: up to the start of the timeline, or up to its end if it asked so.
    private func state(
        of room: Room, timeline: SyncTimeline, since: StreamPosition?
    ) async throws -> [RoomEvent] {
        let end = request.stateAfterName == nil ? timeline.start : now.position
        var events: [RoomEvent]
        if let since {
            events = try await service.rooms.changedState(of: room, after: since, upTo: end)
        } else {
            events = try await service.rooms.wholeState(of: room, at: end)
        }
        if hidesState(timeline) {
            // What the filter or the history's visibility takes out of the timeline is still the room's state.
            let shown = Set(timeline.events.map(\.position))
            let later = try await service.rooms.changedState(of: room, after: timeline.start, upTo: now.position)
            events = Self.latest(of: events + later.filter { !shown.contains($0.position) })
        }
        if filter.lazyLoadsMembers {
            events = lazyMembers(of: room, timeline: timeline, since: since, at: end, changed: events)
        }
        return filter.roomState.passes(room: room.roomID) ? events.filter(filter.roomState.passes) : []
    }

    /// Of several events for the same state the last, the earliest first.
    private static func latest(of events: [RoomEvent]) -> [RoomEvent] {
        guard events.count > 1 else { return events }
        return StateMap(events).all.sorted { $0.position < $1.position }
    }

    /// Of the members only those whom the client needs to show the timeline, and the user himself.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members
    private func lazyMembers(
        of room: Room, timeline: SyncTimeline, since: StreamPosition?, at end: StreamPosition, changed: [RoomEvent]
    ) -> [RoomEvent] {
        var wanted = Set(timeline.events.map { ByteExactString($0.sender.string) })
        let events: [RoomEvent]
        if let since {
            // After a gap, clients know of no member for sure.
            if !timeline.isLimited, !filter.includesRedundantMembers {
                wanted = stream.withLazyMembers { [wanted] in
                    $0.unknown(wanted, to: request.device, in: room.number, since: since)
                }
            }
            let lacking = room.read { view in
                wanted.compactMap { view.state[EventType.roomMember, $0.string] }.filter { $0.position <= end }
            }
            events = Self.latest(of: lacking + changed)
        } else {
            wanted.insert(ByteExactString(request.userID.string))
            let summary = RoomSummary(room: room, userID: request.userID)
            wanted.formUnion(summary.heroes.map { ByteExactString($0.string) })
            events = changed.filter { event in
                guard event.type == EventType.roomMember, let key = event.stateKey else { return true }
                return wanted.contains(ByteExactString(key))
            }
        }
        let sent = (events + timeline.events).filter { $0.type == EventType.roomMember }
            .compactMap { $0.stateKey.map(ByteExactString.init) }
        stream.withLazyMembers {
            $0.note(Set(sent), to: request.device, in: room.number, at: now.position, isFirst: since == nil)
        }
        return events
    }

    // MARK: Ephemeral events and account data

    private func ephemeral(of room: Room, since: SyncToken?) -> [[UInt8]] {
        var events: [[UInt8]] = []
        guard filter.roomEphemeral.passes(room: room.roomID) else { return [] }
        if filter.roomEphemeral.passes(type: EventType.receipt) {
            let receipts = room.read { $0.receipts.changes(after: since?.position ?? .zero, upTo: now.position) }
            events += ReceiptEvent.events(receipts, for: request.userID, ignoring: settings.ignoredUsers)
        }
        if filter.roomEphemeral.passes(type: EventType.typing),
            let users = typists(in: room, since: since), request.since != nil || !users.isEmpty
        {
            events.append(TypingEvent.json(users, ignoring: settings.ignoredUsers).bytes())
        }
        return events
    }

    /// Who is typing, when that has changed. Nobody has typed on from before a restart.
    private func typists(in room: Room, since: SyncToken?) -> [UserID]? {
        let typing = service.rooms.typing
        if let users = typing.users(in: room.number, changedAfter: since?.typingSerial ?? 0) { return users }
        // Also for somebody who has left and come back since: what his client shows of the room, it goes on showing.
        guard let since = request.since, since.typingSerial <= typing.firstSerial,
            since.typingRooms.contains(room.number)
        else { return nil }
        return []
    }

    private func accountData(
        of room: Room, _ entry: UserStream.RoomEntry, since: StreamPosition?
    ) async throws -> [[UInt8]] {
        guard entry.latestAccountData > since ?? .zero, filter.roomAccountData.passes(room: room.roomID) else {
            return []
        }
        let userID = request.userID
        let records = try await service.database.read { store in
            try store.accountData(of: userID, room: room.number, after: since ?? .zero)
        }
        return records.filter { filter.roomAccountData.passes(type: $0.type) }.map(SyncService.event)
    }

    // MARK: Invited, knocked and left rooms

    private func invited(_ room: Room, _ entry: UserStream.RoomEntry, key: String) -> [UInt8]? {
        if let since = request.since, entry.membershipPosition <= since.position, !request.wantsFullState { return nil }
        let events = StrippedRoom.events(of: room, for: request.userID, upTo: now.position)
        let member = events.last { $0.type == EventType.roomMember && $0.stateKey == request.userID.string }
        guard member != nil else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            writer.object(key) { writer in
                writer.array("events") { writer in
                    for event in events { writer.raw { StrippedState.write(event, to: &$0) } }
                }
            }
        }
        return writer.bytes
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#ignoring-users
    private func hidesInvitation(to room: Room) -> Bool {
        let member = room.read { $0.state[EventType.roomMember, request.userID.string] }
        return settings.blocksInvites || member.map { settings.ignoredUsers.contains($0.sender) } ?? false
    }

    /// Whoever was in the room, and has been invited again by somebody he ignores, is to learn that he is in it no more.
    private func leftBeforeInvitation(_ room: Room, _ entry: UserStream.RoomEntry) async throws -> [UInt8]? {
        guard let since = request.since?.position, entry.membershipPosition > since else { return nil }
        let visibility = try await service.rooms.visibility(of: room, userID: request.userID)
        guard visibility.membership(at: since) == .join, let leftAt = visibility.leftAt else { return nil }
        var former = entry
        former.membershipPosition = leftAt
        return try await left(room, former)
    }

    private func left(_ room: Room, _ entry: UserStream.RoomEntry) async throws -> [UInt8]? {
        let since = request.since
        let leftSince = since.map { entry.membershipPosition > $0.position } ?? false
        let wantsLeft = filter.includesLeft && (since == nil || request.wantsFullState)
        // The other devices of somebody who has forgotten the room have to learn that he has left it.
        guard leftSince || (wantsLeft && !entry.isForgotten) else { return nil }
        let end = entry.membershipPosition
        var timeline =
            entry.isForgotten
            ? SyncTimeline([], limit: 1, after: end, end: end, visibility: nil)
            : try await timeline(of: room, since: since?.position, upTo: end, joinedAt: nil)
        // Whoever declines an invitation sees nothing of the room but that.
        if timeline.events.isEmpty, let member = room.read({ $0.state[EventType.roomMember, request.userID.string] }),
            member.position == end
        {
            timeline = SyncTimeline(
                [member], limit: 1, after: StreamPosition(end.rawValue - 1), end: end, visibility: nil)
        }
        let hasSeenRoom = timeline.events.count > 1 || timeline.isLimited
        var state: [RoomEvent] = []
        if hasSeenRoom {
            state = try await stateOfLeft(room, timeline: timeline, since: since?.position, end: end)
        } else if request.stateAfterName != nil {
            state = timeline.events.filter { $0.stateKey != nil }
        }
        state = state.filter(filter.roomState.passes)
        let timelineFormat = try await format(showing: timeline, since: since?.position)
        var writer = JSONWriter()
        writer.object { writer in
            writer.object(request.stateAfterName ?? "state") { write(state, to: &$0) }
            write(timeline, format: timelineFormat, to: &writer)
        }
        return writer.bytes
    }

    private func stateOfLeft(
        _ room: Room, timeline: SyncTimeline, since: StreamPosition?, end: StreamPosition
    ) async throws -> [RoomEvent] {
        // A ban after the leave shows nothing of what came between.
        let leftAt = try await service.rooms.visibility(of: room, userID: request.userID).leftAt ?? .zero
        let limit = min(leftAt, request.stateAfterName == nil ? min(timeline.start, end) : end)
        guard let since else {
            return try await service.rooms.storedState(of: room, at: limit).all.sorted { $0.position < $1.position }
        }
        guard timeline.isLimited || request.stateAfterName != nil, since < limit else { return [] }
        return try await service.rooms.storedStateChanges(of: room, after: since, upTo: limit)
    }
}
