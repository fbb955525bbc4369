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
        let wantsSummary = isWhole || timeline.changesMembers
        let summary = wantsSummary ? RoomSummary(room: room, userID: request.userID) : nil

        var writer = JSONWriter(reservingCapacity: 512 + timeline.events.count * 512)
        writer.object { writer in
            Self.write(accountData, as: "account_data", to: &writer)
            Self.write(ephemeral, as: "ephemeral", to: &writer)
            writer.object(request.stateAfterName ?? "state") { writer in
                write(state, to: &writer)
            }
            if let summary { writer.member("summary", .object(summary.json)) }
            write(timeline, to: &writer)
            writer.object("unread_notifications") { writer in
                writer.member("highlight_count", .integer(Int64(counts.highlightCount)))
                writer.member("notification_count", .integer(Int64(counts.notificationCount)))
            }
        }
        return writer.bytes
    }

    private static func write(_ events: [[UInt8]], as key: String, to writer: inout JSONWriter) {
        guard !events.isEmpty else { return }
        writer.object(key) { writer in
            writer.array("events") { writer in for event in events { writer.raw { $0 += event } } }
        }
    }

    private func write(_ events: [RoomEvent], to writer: inout JSONWriter) {
        writer.array("events") { writer in
            for event in events { writer.raw { write(event, membership: nil, to: &$0) } }
        }
    }

    private func write(_ event: RoomEvent, membership: Membership?, to output: inout [UInt8]) {
        guard let fields = filter.eventFields else {
            return format.write(event, membership: membership, to: &output)
        }
        output += fields.keeping(in: format.bytes(event, membership: membership))
    }

    private func write(_ timeline: SyncTimeline, to writer: inout JSONWriter) {
        writer.object("timeline") { writer in
            writer.array("events") { writer in
                for (event, membership) in zip(timeline.events, timeline.memberships) {
                    writer.raw { write(event, membership: membership, to: &$0) }
                }
            }
            writer.member("limited", .bool(timeline.isLimited))
            writer.member("prev_batch", .string(SyncToken(position: timeline.start).description))
        }
    }

    // MARK: Timeline

    /// The latest events in the range that the user may see and wants.
    private func timeline(
        of room: Room, since: StreamPosition?, upTo end: StreamPosition, joinedAt: StreamPosition?
    ) async throws -> SyncTimeline {
        let limit = filter.timelineLimit
        let (present, presentStart, isPlain) = room.read { view in
            (view.timeline, view.timelineStart, EventVisibility.isEverythingVisibleToMembers(of: view))
        }
        var visibility: EventVisibility?
        if !isPlain || joinedAt == nil {
            visibility = try await service.rooms.visibility(of: room, userID: request.userID)
        }
        func isWanted(_ event: RoomEvent) -> Bool {
            guard filter.roomTimeline.passes(room: room.roomID), filter.roomTimeline.passes(event),
                visibility?.isVisible(event) != false
            else { return false }
            return event.stateKey != nil || !settings.ignoredUsers.contains(event.sender)
        }
        let after = since ?? .zero
        var events = present.filter { $0.position > after && $0.position <= end && isWanted($0) }
        if after < presentStart, events.count <= limit {
            // What is kept in memory does not reach back far enough.
            events = try await service.rooms.latestStoredEvents(
                of: room, after: after, upTo: end, limit: limit + 1, isWanted: isWanted)
        }
        // Of what stands before the user's join, it is not plain what he was to the room.
        if visibility == nil, let joinedAt, let first = events.suffix(limit).first, first.position < joinedAt {
            visibility = try await service.rooms.visibility(of: room, userID: request.userID)
        }
        let erasedUsers = service.rooms.erasedUsers
        if !erasedUsers.isEmpty, events.contains(where: { erasedUsers.position(of: $0.sender) != nil }) {
            let reader =
                if let visibility { visibility } else {
                    try await service.rooms.visibility(of: room, userID: request.userID)
                }
            events = events.map { reader.shown($0, in: room, erasedUsers: erasedUsers) }
        }
        // Who has joined since may have been in the room before.
        let beginsAnew = joinedAt != nil && since == nil && request.since != nil
        return SyncTimeline(
            events, limit: limit, after: after, end: end, visibility: visibility, beginsAnew: beginsAnew)
    }

    // MARK: State

    /// The state events that the client lacks: up to the start of the timeline, or up to its end if it asked so.
    private func state(
        of room: Room, timeline: SyncTimeline, since: StreamPosition?
    ) async throws -> [RoomEvent] {
        let end = request.stateAfterName == nil ? timeline.start : now.position
        var events: [RoomEvent]
        if let since {
            let isComplete = request.stateAfterName == nil && !timeline.isLimited
            events = isComplete ? [] : try await changedState(of: room, after: since, upTo: end)
        } else {
            events = try await wholeState(of: room, at: end)
        }
        if filter.lazyLoadsMembers {
            events = try await lazyMembers(of: room, timeline: timeline, since: since, at: end, changed: events)
        }
        return filter.roomState.passes(room: room.roomID) ? events.filter(filter.roomState.passes) : []
    }

    private func changedState(
        of room: Room, after since: StreamPosition, upTo end: StreamPosition
    ) async throws -> [RoomEvent] {
        guard since < end else { return [] }
        let present = room.read { view -> [RoomEvent]? in
            guard since >= view.timelineStart else { return nil }
            return view.timeline.filter { $0.stateKey != nil && $0.position > since && $0.position <= end }
        }
        if let present { return StateMap(present).all.sorted { $0.position < $1.position } }
        return try await service.rooms.storedStateChanges(of: room, after: since, upTo: end)
    }

    private func wholeState(of room: Room, at end: StreamPosition) async throws -> [RoomEvent] {
        // The present state, if nothing in it is later than what is asked for.
        let present = room.read { view -> [RoomEvent]? in
            let events = view.state.all
            return events.allSatisfy { $0.position <= end } ? events : nil
        }
        let events = if let present { present } else { try await service.rooms.storedState(of: room, at: end).all }
        return events.sorted { $0.position < $1.position }
    }

    /// Of the members only those whom the client needs to show the timeline, and the user himself.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members
    private func lazyMembers(
        of room: Room, timeline: SyncTimeline, since: StreamPosition?, at end: StreamPosition, changed: [RoomEvent]
    ) async throws -> [RoomEvent] {
        var wanted = Set(timeline.events.map { ByteExactString($0.sender.string) })
        if since == nil {
            wanted.insert(ByteExactString(request.userID.string))
            let summary = RoomSummary(room: room, userID: request.userID)
            wanted.formUnion(summary.heroes.map { ByteExactString($0.string) })
        }
        func isWanted(_ event: RoomEvent) -> Bool {
            guard event.type == EventType.roomMember, let key = event.stateKey else { return true }
            return wanted.contains(ByteExactString(key))
        }
        guard since != nil else { return changed.filter(isWanted) }
        // Senders whose member events are older than the last sync are sent again: the client may not have them.
        let known = room.read { view in
            wanted.compactMap { view.state[EventType.roomMember, $0.string] }.filter { $0.position <= end }
        }
        let isLimited = timeline.isLimited
        return StateMap(known + changed.filter { isLimited || isWanted($0) }).all.sorted { $0.position < $1.position }
    }

    // MARK: Ephemeral events and account data

    private func ephemeral(of room: Room, since: SyncToken?) -> [[UInt8]] {
        var events: [[UInt8]] = []
        guard filter.roomEphemeral.passes(room: room.roomID) else { return [] }
        if filter.roomEphemeral.passes(type: EventType.receipt) {
            let receipts = room.read { $0.receipts.changes(after: since?.position ?? .zero, upTo: now.position) }
            if let event = ReceiptEvent.bytes(receipts, for: request.userID, ignoring: settings.ignoredUsers) {
                events.append(event)
            }
        }
        if filter.roomEphemeral.passes(type: EventType.typing),
            let users = service.rooms.typing.users(in: room.number, changedAfter: since?.typingSerial ?? 0),
            since != nil || !users.isEmpty
        {
            let ids = users.filter { !settings.ignoredUsers.contains($0) }.map { JSONValue.string($0.string) }
            let event: JSONObject = ["content": ["user_ids": .array(ids)], "type": .string(EventType.typing)]
            events.append(event.bytes())
        }
        return events
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

    private static let strippedTypes = [
        EventType.roomCreate, EventType.roomJoinRules, EventType.roomName, EventType.roomAvatar,
        EventType.roomCanonicalAlias, EventType.roomEncryption, EventType.roomTopic,
    ]

    private func invited(_ room: Room, _ entry: UserStream.RoomEntry, key: String) -> [UInt8]? {
        if let since = request.since, entry.membershipPosition <= since.position, !request.wantsFullState { return nil }
        let (events, member) = room.read { view in
            (Self.strippedTypes.compactMap { view.state[$0] }, view.state[EventType.roomMember, request.userID.string])
        }
        guard let member, !settings.ignoredUsers.contains(member.sender) else { return nil }
        let inviter = room.read { $0.state[EventType.roomMember, member.sender.string] }
        var writer = JSONWriter()
        writer.object { writer in
            writer.object(key) { writer in
                writer.array("events") { writer in
                    for event in events + [inviter, member].compactMap({ $0 }) where event.position <= now.position {
                        writer.raw { StrippedState.write(event, to: &$0) }
                    }
                }
            }
        }
        return writer.bytes
    }

    private func left(_ room: Room, _ entry: UserStream.RoomEntry) async throws -> [UInt8]? {
        let since = request.since
        let leftSince = since.map { entry.membershipPosition > $0.position } ?? false
        guard !entry.isForgotten, leftSince || (filter.includesLeft && since == nil) else { return nil }
        let end = entry.membershipPosition
        var timeline = try await timeline(of: room, since: since?.position, upTo: end, joinedAt: nil)
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
        var writer = JSONWriter()
        writer.object { writer in
            writer.object(request.stateAfterName ?? "state") { write(state, to: &$0) }
            write(timeline, to: &writer)
        }
        return writer.bytes
    }

    private func stateOfLeft(
        _ room: Room, timeline: SyncTimeline, since: StreamPosition?, end: StreamPosition
    ) async throws -> [RoomEvent] {
        let limit = request.stateAfterName == nil ? min(timeline.start, end) : end
        guard let since else {
            return try await service.rooms.storedState(of: room, at: limit).all.sorted { $0.position < $1.position }
        }
        guard timeline.isLimited || request.stateAfterName != nil, since < limit else { return [] }
        return try await service.rooms.storedStateChanges(of: room, after: since, upTo: limit)
    }
}
