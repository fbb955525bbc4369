import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// One room's part of an answer.
struct SlidingRoomUpdate: Sendable {
    /// What the connection has been sent of the room after this.
    var sent: SentRoom
    /// Nil when the client learns nothing.
    var json: [UInt8]?
    /// Whether the client is to replace what it knows of the room.
    var isInitial = false
    /// The timeline's events when they are no mere continuation: their receipts are sent anew.
    var shownEvents: [EventID] = []
}

/// Writes what is new in one room for one connection.
struct SlidingRoomBuilder: Sendable {
    let service: SyncService
    let request: SlidingSyncRequest
    let stream: UserStream
    let settings: UserSettings
    let format: ClientEventFormat
    /// Where the client has got to; nil at the connection's first request.
    let since: StreamPosition?
    let now: StreamPosition

    private var isUnstable: Bool { request.form == .unstable }
    private var timelines: TimelineReader {
        TimelineReader(rooms: service.rooms, userID: request.userID, settings: settings)
    }

    /// - Parameter sent: nil when the connection has not been sent the room yet.
    func update(_ match: MatchedRoom, rules: StateRules, sent: SentRoom?) async throws -> SlidingRoomUpdate? {
        let entry = match.room.entry
        if let sent, !mayHaveNews(match, rules, sent) { return nil }
        switch entry.membership {
        case .join: return try await joined(match, rules, sent)
        case .invite, .knock: return try await stripped(match, rules, sent)
        case .leave, .ban: return try await left(match, rules, sent)
        }
    }

    /// Spares looking into rooms where nothing has happened.
    private func mayHaveNews(_ match: MatchedRoom, _ rules: StateRules, _ sent: SentRoom) -> Bool {
        let entry = match.room.entry
        // The unstable form has the unread counts, which a receipt changes too.
        let latest = isUnstable ? entry.latestChange : entry.latestEvent
        let isMember = entry.membership == .join
        return max(entry.membershipPosition, isMember ? latest : .zero) > sent.upTo
            || isMember && match.timelineLimit > sent.timelineLimit
            || isMember && !rules.isSame(as: sent.rules)
            || isMember && settings.isDirect(entry.roomID) != sent.isDirect
    }

    // MARK: Rooms the user is in

    private func joined(
        _ match: MatchedRoom, _ rules: StateRules, _ sent: SentRoom?
    ) async throws -> SlidingRoomUpdate {
        let entry = match.room.entry
        let room = try await service.rooms.room(match.room.number)
        // Who has left and come back begins anew, as does who has just joined.
        let known = sent.flatMap { $0.membership == .join && entry.membershipPosition <= $0.upTo ? $0 : nil }
        var timeline = try await timelines.timeline(
            of: room, since: known?.upTo, upTo: now, joinedAt: entry.membershipPosition, limit: match.timelineLimit,
            beginsAnew: known == nil && sent != nil)
        var isExpanded = false
        if let known, match.timelineLimit > known.timelineLimit {
            let whole = try await timelines.timeline(
                of: room, since: nil, upTo: now, joinedAt: entry.membershipPosition, limit: match.timelineLimit)
            if let first = whole.events.first, first.position <= known.timelineStart {
                timeline = whole
                isExpanded = true
            }
        }
        let changed = try await known.asyncMap { known in
            try await service.rooms.changedState(of: room, after: known.upTo, upTo: now)
        }
        let state = try await SlidingStateReader(rooms: service.rooms, room: room, rules: rules, now: now)
            .state(changed: changed, timeline: timeline, isExpanded: isExpanded, known: known)
        let counts = try await counts(of: room, entry)

        var next = SentRoom(
            membership: .join, upTo: now,
            timelineStart: known == nil || timeline.isLimited || isExpanded
                ? timeline.start : known?.timelineStart ?? timeline.start,
            timelineLimit: match.timelineLimit, rules: rules)
        next.isDirect = settings.isDirect(entry.roomID)
        next.notificationCount = counts?.notificationCount ?? 0
        next.highlightCount = counts?.highlightCount ?? 0
        next.members = state.members
        next.receiptsUpTo = known?.receiptsUpTo
        next.accountDataUpTo = sent?.accountDataUpTo
        next.typingUpTo = known?.typingUpTo

        let countsChanged =
            isUnstable
            && (next.notificationCount, next.highlightCount) != (known?.notificationCount, known?.highlightCount)
        let hasNews =
            known == nil || !timeline.events.isEmpty || timeline.isLimited || !state.events.isEmpty || countsChanged
            || next.isDirect != known?.isDirect
        guard hasNews else { return SlidingRoomUpdate(sent: next) }
        let isOld = known == nil || timeline.isLimited || isExpanded
        var writer = SlidingRoomWriter(
            form: request.form, format: isOld ? try await format(showing: timeline) : format)
        writer.membership(entry.membership, lists: match.lists.map { request.lists[$0].name })
        writer.names(of: room, userID: request.userID, changed: changed, since: known?.upTo)
        if known == nil { writer.flag("initial") }
        if isExpanded { writer.flag(isUnstable ? "unstable_expanded_timeline" : "expanded_timeline") }
        if known == nil ? next.isDirect : next.isDirect != known?.isDirect {
            writer.member("is_dm", .bool(next.isDirect))
        }
        writer.timeline(timeline, liveAfter: since)
        if !state.events.isEmpty { writer.requiredState(state.events) }
        if let counts, known == nil || countsChanged {
            writer.member("notification_count", .integer(Int64(counts.notificationCount)))
            writer.member("highlight_count", .integer(Int64(counts.highlightCount)))
        }
        try await writeBumpStamp(of: room, timeline, isInitial: known == nil, joinedAt: entry, to: &writer)
        return SlidingRoomUpdate(
            sent: next, json: writer.bytes, isInitial: known == nil,
            shownEvents: known == nil || isExpanded ? timeline.events.map(\.eventID) : [])
    }

    /// What is new has nothing yet that is to be shown with it.
    private func format(showing timeline: SyncTimeline) async throws -> ClientEventFormat {
        let viewer = Viewer(userID: request.userID, ignoredUsers: settings.ignoredUsers)
        return format.showing(try await service.rooms.aggregations(of: timeline.events, for: viewer, upTo: now))
    }

    private func counts(of room: Room, _ entry: UserStream.RoomEntry) async throws -> NotificationCounts? {
        guard isUnstable else { return nil }
        return try await service.counter.counts(
            for: stream, in: room, since: entry.membershipPosition, upTo: now, settings: settings)
    }

    private func writeBumpStamp(
        of room: Room, _ timeline: SyncTimeline, isInitial: Bool, joinedAt entry: UserStream.RoomEntry,
        to writer: inout SlidingRoomWriter
    ) async throws {
        if let event = timeline.events.last(where: BumpStamp.moves) {
            writer.bumpStamp(event.position)
        } else if isInitial {
            writer.bumpStamp(
                try await BumpStamp.latest(in: room, of: service.rooms, upTo: now) ?? entry.membershipPosition)
        }
    }

    // MARK: Rooms the user is invited to or knocks on

    /// Shows what somebody may know of a room who is not in it.
    private func stripped(
        _ match: MatchedRoom, _ rules: StateRules, _ sent: SentRoom?
    ) async throws -> SlidingRoomUpdate? {
        let entry = match.room.entry
        let room = try await service.rooms.room(match.room.number)
        let events = StrippedRoom.events(of: room, for: request.userID, upTo: now)
        var next = SentRoom(
            membership: entry.membership, upTo: now, timelineStart: now, timelineLimit: 0, rules: rules)
        next.isDirect = settings.isDirect(entry.roomID)
        next.accountDataUpTo = sent?.accountDataUpTo
        guard !events.isEmpty else { return SlidingRoomUpdate(sent: next) }
        var writer = SlidingRoomWriter(form: request.form, format: format)
        writer.membership(entry.membership, lists: match.lists.map { request.lists[$0].name })
        writer.flag("initial")
        if next.isDirect { writer.flag("is_dm") }
        writer.strippedState(events)
        writer.bumpStamp(entry.membershipPosition)
        return SlidingRoomUpdate(sent: next, json: writer.bytes, isInitial: true)
    }

    // MARK: Rooms the user is no longer in

    /// Shows the room as it was up to the leave, and nothing later.
    private func left(
        _ match: MatchedRoom, _ rules: StateRules, _ sent: SentRoom?
    ) async throws -> SlidingRoomUpdate? {
        let entry = match.room.entry
        let end = entry.membershipPosition
        let room = try await service.rooms.room(match.room.number)
        let known = sent.flatMap { $0.membership == .join ? $0 : nil }
        // Nil for who was only invited. A ban after the leave shows nothing of what came between.
        let leftAt = try await service.rooms.visibility(of: room, userID: request.userID).leftAt
        guard let member = try await service.rooms.memberEvent(of: request.userID, in: room, at: end) else {
            return nil
        }
        var timeline = SyncTimeline(
            [member], limit: 1, after: StreamPosition(end.rawValue - 1), end: end, visibility: nil)
        var state = [member]
        if let leftAt, !entry.isForgotten {
            let seen = try await timelines.timeline(
                of: room, since: known?.upTo, upTo: end, joinedAt: nil, limit: match.timelineLimit)
            if !seen.events.isEmpty || match.timelineLimit == 0 { timeline = seen }
            let events =
                if let known {
                    try await service.rooms.storedStateChanges(of: room, after: known.upTo, upTo: leftAt)
                } else {
                    try await service.rooms.storedState(of: room, at: leftAt).all
                }
            state = StateMap(events.filter(rules.matches) + [member]).all.sorted { $0.position < $1.position }
        }
        var next = SentRoom(
            membership: entry.membership, upTo: now, timelineStart: timeline.start,
            timelineLimit: match.timelineLimit, rules: rules)
        next.isDirect = sent?.isDirect ?? settings.isDirect(entry.roomID)
        next.accountDataUpTo = sent?.accountDataUpTo
        var writer = SlidingRoomWriter(form: request.form, format: try await format(showing: timeline))
        writer.membership(entry.membership, lists: match.lists.map { request.lists[$0].name })
        if sent == nil { writer.flag("initial") }
        if sent == nil, next.isDirect { writer.flag("is_dm") }
        writer.timeline(timeline, liveAfter: since)
        writer.requiredState(state)
        writer.bumpStamp(end)
        return SlidingRoomUpdate(sent: next, json: writer.bytes, isInitial: sent == nil)
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        if let value = self { try await transform(value) } else { nil }
    }
}
