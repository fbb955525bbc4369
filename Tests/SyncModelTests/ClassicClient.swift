import CanonicalJSON
import MatrixIdentifiers
import ServerUnderTest

/// A client of `/sync`: puts together what it is sent, and what it should have been sent beside it.
struct ClassicClient {
    /// What the client knows of a room.
    struct Known {
        var section: String
        var timeline: [String] = []
        var state: [StateTuple: String] = [:]
        var receipts: [World.ReceiptKey: String] = [:]
        var unread = Unread()
        var threads: [String: Unread] = [:]
        var countedAt = 0
        var accountData: [String: JSONObject] = [:]
        var typing: Set<String> = []
        var joinedCount: Int64?
        var invitedCount: Int64?
        /// What the model says the timeline and the receipts are.
        var expectedTimeline: [String] = []
        var expectedReceipts: [World.ReceiptKey: String] = [:]
    }

    let user: TestUser
    let settings: ClassicSettings
    private(set) var since: String?
    /// When the last sync was.
    private(set) var lastTick = 0
    var rooms: [String: Known] = [:]
    private(set) var accounts: [String: JSONObject] = [:]

    var id: String { user.userID.string }

    init(_ user: TestUser, _ settings: ClassicSettings) {
        self.user = user
        self.settings = settings
    }

    func answer(of stage: Stage) async throws -> JSONObject {
        var query = [("filter", String(decoding: settings.filter.bytes(), as: UTF8.self)), ("timeout", "0")]
        if let since { query.append(("since", since)) }
        if let name = settings.stateAfter?.parameter { query.append((name, "true")) }
        let reply = try await stage.call("GET", "/_matrix/client/v3/sync", query: query, as: user)
        try agree(reply.status, 200, "status of /sync")
        return reply.json
    }

    mutating func sync(with stage: Stage) async throws {
        let answer = try await answer(of: stage)
        let before = self
        for event in accountContents(in: answer["account_data"]?["events"]?.arrayValue ?? []) {
            accounts[event.key] = event.value
        }
        var answered: [String: String] = [:]
        for section in ["join", "invite", "knock", "leave"] {
            for member in answer["rooms"]?[section]?.objectValue?.members ?? [] {
                try hold(answered[member.key] == nil, "\(member.key) is in two sections")
                answered[member.key] = section
                guard let room = stage.world.rooms.first(where: { $0.id == member.key }) else {
                    throw Disagreement("no room \(member.key)")
                }
                try await take(SyncRoom(json: member.value.objectValue ?? [:]), section, room, stage)
            }
        }
        since = answer["next_batch"]?.stringValue
        try hold(since != nil, "next_batch is missing")
        try agree(accounts, stage.world.accountData[id] ?? [:], "account data")
        for room in stage.world.rooms {
            do {
                try check(room, before: before, answered: answered[room.id], stage)
            } catch let error as Disagreement {
                throw Disagreement("in \(room.id): \(error)")
            }
        }
        lastTick = stage.world.tick
    }

    // MARK: Taking an answer

    private mutating func take(
        _ answer: SyncRoom, _ section: String, _ room: World.Room, _ stage: Stage
    ) async throws {
        var known = rooms[room.id] ?? Known(section: section)
        if section == "invite" || section == "knock" {
            rooms[room.id] = Known(section: section)
            try checkStripped(answer, section, room)
            return
        }
        // To a client that was not in the room, it begins anew.
        let wasJoined = rooms[room.id]?.section == "join"
        if !wasJoined { known = Known(section: section) }
        known.section = section
        try await takeTimeline(answer, &known, room, wasJoined: wasJoined, stage)
        try takeState(answer, &known, room, stage)
        let contents = (answer.json["ephemeral"]?["events"]?.arrayValue ?? [])
        let receiptContents = contents.filter { $0["type"] == "m.receipt" }.compactMap { $0["content"]?.objectValue }
        known.receipts.merge(receipts(in: receiptContents)) { $1 }
        if let typists = answer.typists { known.typing = Set(typists) }
        let accountEvents = answer.json["account_data"]?["events"]?.arrayValue ?? []
        known.accountData.merge(accountContents(in: accountEvents)) { $1 }
        if let count = answer.json["summary"]?["m.joined_member_count"]?.integerValue { known.joinedCount = count }
        if let count = answer.json["summary"]?["m.invited_member_count"]?.integerValue { known.invitedCount = count }
        if section == "join" {
            known.unread = Self.unread(answer.json["unread_notifications"])
            known.threads = [:]
            for member in answer.json["unread_thread_notifications"]?.objectValue?.members ?? [] {
                known.threads[member.key] = Self.unread(member.value)
            }
            known.countedAt = stage.world.tick
        }
        rooms[room.id] = known
    }

    private static func unread(_ json: JSONValue?) -> Unread {
        Unread(
            notifications: json?["notification_count"]?.integerValue ?? -1,
            highlights: json?["highlight_count"]?.integerValue ?? -1)
    }

    private mutating func takeTimeline(
        _ answer: SyncRoom, _ known: inout Known, _ room: World.Room, wasJoined: Bool, _ stage: Stage
    ) async throws {
        let visible = Set(room.visibleEvents(to: id).map(\.eventID))
        let isAnew = since == nil || answer.isLimited
        try hold(answer.timeline.count <= settings.limit, "the timeline is longer than \(settings.limit)")
        for json in answer.timeline {
            // Whoever was never in the room sees nothing but what ended his invitation.
            if known.section == "leave", room.leftAt(id) == nil {
                _ = try stage.check(json, in: room)
            } else {
                let isOwnLeave = known.section == "leave" && json["state_key"]?.stringValue == id
                let event = isOwnLeave ? try stage.check(json, in: room) : nil
                let shown =
                    try event ?? stage.checkVisible(json, in: room, to: id, visible: visible)
                if isAnew, known.section == "join" {
                    try stage.checkThread(json, shown, in: room, for: id, visible: visible)
                }
            }
        }
        guard answer.isLimited || !wasJoined else {
            known.timeline += answer.eventIDs
            return
        }
        if room.forgottenBy.contains(id) || (known.section == "leave" && !wasJoined) {
            known.timeline += answer.eventIDs
            return
        }
        // The gap is closed from before the timeline to where the client was, or to the room's beginning.
        let gap = try await stage.history(
            of: room, for: user, from: answer.previousBatch, to: wasJoined ? since : nil)
        // Whoever has come back is shown the room from before, too.
        let overlap = known.timeline.firstIndex { answer.eventIDs.contains($0) }
        known.timeline = known.timeline.prefix(overlap ?? known.timeline.count) + gap + answer.eventIDs
    }

    private func takeState(_ answer: SyncRoom, _ known: inout Known, _ room: World.Room, _ stage: Stage) throws {
        let after = settings.stateAfter.flatMap { answer.json[$0.member]?["events"]?.arrayValue }
        try hold(settings.stateAfter == nil || answer.state.isEmpty, "there is state beside state_after")
        for json in settings.stateAfter == nil ? answer.state + answer.timeline : after ?? [] {
            let event = try stage.check(json, in: room)
            if let tuple = event.tuple { known.state[tuple] = event.eventID }
        }
        guard settings.lazyLoadsMembers, known.section == "join" else { return }
        for json in answer.timeline {
            let sender = StateTuple("m.room.member", json["sender"]?.stringValue ?? "")
            try hold(known.state[sender] != nil, "the client lacks the member \(sender.stateKey)")
        }
    }

    private func checkStripped(_ answer: SyncRoom, _ section: String, _ room: World.Room) throws {
        let events = answer.json["\(section)_state"]?["events"]?.arrayValue ?? []
        let own = events.last { $0["type"] == "m.room.member" && $0["state_key"]?.stringValue == id }
        try agree(own?["content"]?["membership"]?.stringValue, section, "own member of the stripped state")
        let name = events.last { $0["type"] == "m.room.name" }?["content"]?["name"]?.stringValue
        let event = room.state()[StateTuple("m.room.name")]
        try agree(name, event?.redactedBy == nil ? event?.content["name"]?.stringValue : nil, "stripped name")
    }
}
