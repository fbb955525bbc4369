import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest

/// A client of sliding sync: puts together what it is sent of the rooms in its windows.
struct WindowClient {
    /// What the client knows of a room.
    struct Known {
        var membership: String
        var timeline: [String] = []
        var state: [StateTuple: String] = [:]
        var receipts: [World.ReceiptKey: String] = [:]
        var unread = Unread()
        var countedAt = 0
        var accountData: [String: JSONObject] = [:]
        var typing: Set<String> = []
        var joinedCount: Int64?
        var invitedCount: Int64?
        var name: String?
        /// When the client began with the room.
        var begunAt = 0
    }

    let user: TestUser
    var settings: SlidingSettings
    private(set) var position: String?
    var rooms: [String: Known] = [:]
    private(set) var accounts: [String: JSONObject] = [:]

    var id: String { user.userID.string }

    init(_ user: TestUser, _ settings: SlidingSettings) {
        self.user = user
        self.settings = settings
    }

    /// The connection is gone, so the client begins anew.
    private mutating func beginAnew() {
        position = nil
        rooms = [:]
        accounts = [:]
    }

    func answer(of stage: Stage) async throws -> Stage.Reply {
        var body = body(stage)
        var query: [(String, String)] = []
        if let position, settings.isV4 { body["pos"] = .string(position) }
        if let position, !settings.isV4 { query.append(("pos", position)) }
        let path = settings.isV4 ? "v4/sync" : "unstable/org.matrix.simplified_msc3575/sync"
        return try await stage.call("POST", "/_matrix/client/\(path)", query: query, as: user, body: body)
    }

    private func body(_ stage: Stage) -> JSONObject {
        let state = settings.json(requiredState: settings.requiredState, user: id)
        let range: JSONValue = [0, .integer(Int64(settings.lastIndex))]
        func list(_ range: JSONValue, _ filters: JSONObject) -> JSONObject {
            [
                "timeline_limit": .integer(Int64(settings.timelineLimit)), "required_state": state,
                "filters": .object(filters), settings.isV4 ? "range" : "ranges": settings.isV4 ? range : [range],
            ]
        }
        var lists: JSONObject = ["all": .object(list(range, [:]))]
        if settings.listsInvites {
            lists["invites"] = .object(list([0, 20], [settings.isV4 ? "is_invited" : "is_invite": true]))
        }
        var subscriptions = JSONObject()
        for number in settings.subscriptions where stage.world.rooms.indices.contains(number) {
            subscriptions[stage.world.rooms[number].id] = [
                "timeline_limit": 3,
                "required_state": settings.json(requiredState: settings.subscribedState, user: id),
            ]
        }
        return [
            "conn_id": "model", "lists": .object(lists), "room_subscriptions": .object(subscriptions),
            "extensions": [
                "account_data": ["enabled": true], "receipts": ["enabled": true, "rooms": ["*"]],
                "typing": ["enabled": true],
            ],
        ]
    }

    mutating func sync(with stage: Stage) async throws {
        var reply = try await answer(of: stage)
        if reply.status == 400, reply.code == "M_UNKNOWN_POS", position != nil {
            beginAnew()
            reply = try await answer(of: stage)
        }
        try agree(reply.status, 200, "status of sliding sync")
        let answer = reply.json
        let before = self
        let windows = windows(stage.world)
        for list in answer["lists"]?.objectValue?.members ?? [] {
            try agree(list.value["count"]?.integerValue, windows.counts[list.key], "count of list \(list.key)")
        }
        for member in answer["rooms"]?.objectValue?.members ?? [] {
            guard let room = stage.world.rooms.first(where: { $0.id == member.key }) else {
                throw Disagreement("no room \(member.key)")
            }
            try hold(windows.rooms[room.id] != nil, "\(room.id) is in no window")
            try await take(member.value, room, windows.rooms[room.id] ?? Window(), stage)
        }
        try takeExtensions(answer["extensions"])
        position = answer["pos"]?.stringValue
        try agree(accounts, stage.world.accountData[id] ?? [:], "account data")
        for room in stage.world.rooms {
            guard let window = windows.rooms[room.id] else { continue }
            do {
                try check(room, window, wasAnswered: answer["rooms"]?[room.id] != nil, before: before, stage)
            } catch let error as Disagreement {
                throw Disagreement("in \(room.id): \(error)")
            }
        }
    }

    // MARK: Taking an answer

    private mutating func take(_ json: JSONValue, _ room: World.Room, _ window: Window, _ stage: Stage) async throws {
        let stripped = json[settings.isV4 ? "stripped_state" : "invite_state"]?.arrayValue
        let isInitial = json["initial"] == true
        try hold(isInitial || rooms[room.id] != nil, "\(room.id) is new and not initial")
        let isLeft = ["leave", "ban"].contains(room.membership(of: id)?.membership)
        var known = isInitial ? Known(membership: "join") : rooms[room.id] ?? Known(membership: "join")
        if isInitial {
            known.begunAt = stage.world.tick
            // Account data is the user's and not the room's: it is sent once, whatever becomes of the room.
            known.accountData = rooms[room.id]?.accountData ?? [:]
        }
        if let stripped {
            let own = stripped.last { $0["type"] == "m.room.member" && $0["state_key"]?.stringValue == id }
            let accountData = known.accountData
            known = Known(membership: own?["content"]?["membership"]?.stringValue ?? "none")
            known.accountData = accountData
            if settings.isV4 { try agree(json["membership"]?.stringValue, known.membership, "membership") }
            rooms[room.id] = known
            return
        }
        let timeline = json["timeline"]?.arrayValue ?? []
        try hold(timeline.count <= max(window.limit, isLeft ? 1 : 0), "the timeline is longer than \(window.limit)")
        known.membership = "join"
        for event in json["required_state"]?.arrayValue ?? [] {
            guard event["type"] == "m.room.member", event["state_key"]?.stringValue == id else { continue }
            known.membership = event["content"]?["membership"]?.stringValue ?? "none"
        }
        if settings.isV4 { known.membership = json["membership"]?.stringValue ?? "none" }
        if !isLeft { try await takeTimeline(json, &known, room, stage) }
        try takeState(json, window, &known, room, stage)
        if let count = json["notification_count"]?.integerValue {
            known.unread.notifications = count
            known.unread.highlights = json["highlight_count"]?.integerValue ?? -1
            known.countedAt = stage.world.tick
        }
        if let count = json["joined_count"]?.integerValue { known.joinedCount = count }
        if let count = json["invited_count"]?.integerValue { known.invitedCount = count }
        if let name = json["name"] { known.name = name.stringValue }
        rooms[room.id] = known
    }

    private func takeTimeline(
        _ json: JSONValue, _ known: inout Known, _ room: World.Room, _ stage: Stage
    ) async throws {
        let timeline = json["timeline"]?.arrayValue ?? []
        let visible = Set(room.visibleEvents(to: id).map(\.eventID))
        let isInitial = json["initial"] == true
        let isExpanded = json["expanded_timeline"] == true || json["unstable_expanded_timeline"] == true
        var events: [String] = []
        for json in timeline {
            let event = try stage.checkVisible(json, in: room, to: id, visible: visible)
            if isInitial { try stage.checkThread(json, event, in: room, for: id, visible: visible) }
            events.append(event.eventID)
        }
        if isInitial || isExpanded { known.timeline = [] }
        guard isInitial || isExpanded || json["limited"] == true else {
            known.timeline += events
            return
        }
        // Without a timeline there is no token, and all that the client knows is the present.
        let from = json["prev_batch"]?.stringValue
        try hold(from != nil || events.isEmpty, "prev_batch is missing")
        let token = from ?? "s\(room.readUpTo)"
        let gap = try await stage.history(of: room, for: user, from: token, to: nil, known: Set(known.timeline))
        known.timeline += gap + events
    }

    private func takeState(
        _ json: JSONValue, _ window: Window, _ known: inout Known, _ room: World.Room, _ stage: Stage
    ) throws {
        if json["limited"] == true {
            // After a gap, a client that loads members lazily knows of no member for sure.
            known.state = known.state.filter { entry in
                entry.key.type.string != "m.room.member"
                    || window.requiredStates.contains {
                        SlidingSettings.wants($0, type: "m.room.member", stateKey: entry.key.stateKey.string, user: id)
                    }
            }
        }
        for json in json["required_state"]?.arrayValue ?? [] {
            let event = try stage.check(json, in: room)
            if let tuple = event.tuple { known.state[tuple] = event.eventID }
        }
    }

    private mutating func takeExtensions(_ extensions: JSONValue?) throws {
        let global = accountContents(in: extensions?["account_data"]?["global"]?.arrayValue ?? [])
        accounts.merge(global) { $1 }
        for room in extensions?["account_data"]?["rooms"]?.objectValue?.members ?? [] {
            rooms[room.key]?.accountData.merge(accountContents(in: room.value.arrayValue ?? [])) { $1 }
        }
        for room in extensions?["receipts"]?["rooms"]?.objectValue?.members ?? [] {
            let contents = [room.value["content"]?.objectValue].compactMap { $0 }
            rooms[room.key]?.receipts.merge(receipts(in: contents)) { $1 }
        }
        for room in extensions?["typing"]?["rooms"]?.objectValue?.members ?? [] {
            rooms[room.key]?.typing = Set(room.value["content"]?["user_ids"]?.strings ?? [])
        }
    }
}
