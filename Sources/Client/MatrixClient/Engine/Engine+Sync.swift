import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers

/// Taking in what the server says: one transaction for all of an answer.
extension Engine {
    /// - Parameters:
    ///   - next: how far the sync has got with the answer.
    ///   - isNewConnection: whether anything may have happened since the last answer of which this one says nothing.
    func apply(_ answer: SyncAnswer, next: SyncProgress, isNewConnection: Bool) throws(ClientError) {
        var draft = Draft()
        var encryption = answer.encryption
        if isNewConnection { encryption.changedDeviceLists += encryptedContacts() }
        var news = machineHost.receiveSync(encryption)
        try apply(accountData: answer.accountData, to: &draft)
        for update in answer.rooms { news += try apply(update, to: &draft) }
        news = try apply(news, to: &draft)
        draft.changes.append(next.change)
        try finish(draft)
        handle(news)
        machineBell.ring()
    }

    /// Everybody we share encrypted rooms with: their devices may have changed unheard.
    private func encryptedContacts() -> [String] {
        var users: Set<UserID> = []
        for room in rooms.values where room.isEncrypted && room.membership == .join {
            users.formUnion(storedMembers(of: room.id).entries.keys)
        }
        return users.map(\.string)
    }

    /// Makes a step durable, and then visible.
    func finish(_ draft: Draft) throws(ClientError) {
        try commit(draft.changes)
        for (id, record) in draft.rooms { rooms[id] = record }
        for (id, queue) in draft.queues { queues[id] = queue.entries.isEmpty ? nil : queue }
        for (type, content) in draft.accountData { accountData[type] = content }
        for (id, users) in draft.typing { typing[id] = users.isEmpty ? nil : users }
        for id in draft.retitled { refreshLastMessage(of: id) }
        updateTimelines(with: draft)
        if !draft.touched.isEmpty || !draft.accountData.isEmpty { publishRooms() }
        if !draft.queues.isEmpty { wakeDrained() }
        // Whether there is something to recover from is account data.
        if !draft.accountData.isEmpty { publishEncryptionStatus() }
    }

    private func apply(accountData events: [JSONObject], to draft: inout Draft) throws(ClientError) {
        for event in events {
            guard let type = event.string(at: "type"), let content = event["content"]?.objectValue else { continue }
            draft.accountData[ByteExactString(type)] = content
            draft.changes.append(StoreChange(StoreKey(.accountData, name: type), content.bytes()))
        }
    }

    // MARK: Rooms

    private func apply(_ update: SyncAnswer.RoomUpdate, to draft: inout Draft) throws(ClientError) -> [MachineNews] {
        var record = rooms[update.id] ?? RoomRecord(id: update.id)
        let before = record
        if let membership = update.membership { record.membership = membership }
        if let stripped = update.strippedState, record.membership != .join {
            applyInvitation(stripped, to: &record)
        }
        if update.isInitial || update.isLimited { record.hasAllMembers = false }
        let state = update.state + update.timeline.filter { $0["state_key"] != nil }
        for event in state { apply(state: event, to: &record, &draft) }
        if let membership = update.membership, membership != .join { record.membership = membership }
        apply(summary: update, to: &record, draft)
        let news = machineHost.receiveState(state, in: update.id)
        let hasNewEvents = try apply(timeline: update, to: &record, &draft)
        try apply(receipts: update.receipts ?? [:], in: update.id, record: &record, &draft)
        apply(accountData: update.accountData, to: &record)
        if let typists = update.typing { draft.typing[update.id] = typists.filter { $0 != userID } }
        try recount(&record, before: before, draft)
        if record != before { draft.changes.append(record.change) }
        draft.rooms[update.id] = record
        draft.touched.insert(update.id)
        if hasNewEvents { draft.retitled.insert(update.id) }
        return news
    }

    /// What one sees of a room that one has not joined.
    private func applyInvitation(_ stripped: [JSONObject], to record: inout RoomRecord) {
        for event in stripped {
            record.apply(state: event, ownUserID: userID)
            if event.string(at: "state_key").flatMap(UserID.init) == userID {
                invitations[record.id] = event["content"]?["is_direct"]?.boolValue ?? false
            }
        }
        guard let inviter = record.inviter else { return }
        let member = stripped.first { $0.string(at: "state_key") == inviter.string }
        record.heroes = [.init(userID: inviter, name: member?["content"]?["displayname"]?.stringValue)]
        record.invitedCount = max(1, record.invitedCount)
        record.joinedCount = max(1, record.joinedCount)
    }

    private func apply(state event: JSONObject, to record: inout RoomRecord, _ draft: inout Draft) {
        guard let type = event.string(at: "type"), let key = event.string(at: "state_key") else { return }
        record.apply(state: event, ownUserID: userID)
        draft.changes.append(StoreChange(Self.stateKey(record.id, type, key), event.bytes()))
        guard type == "m.room.member" else { return }
        draft.members[record.id, default: []].append(event)
        memberChanges[record.id, default: 0] += 1
    }

    static func stateKey(_ roomID: RoomID, _ type: String, _ key: String) -> StoreKey {
        StoreKey(.state, group: roomID.string, name: type + "\u{0}" + key)
    }

    private func apply(summary update: SyncAnswer.RoomUpdate, to record: inout RoomRecord, _ draft: Draft) {
        if let heroes = update.heroes { record.heroes = heroes }
        for index in record.heroes.indices {
            let hero = record.heroes[index]
            let member = draft.members[record.id]?.last {
                $0.string(at: "state_key").flatMap(UserID.init) == hero.userID
            }
            if let member {
                record.heroes[index].name = member["content"]?["displayname"]?.stringValue
            } else if hero.name == nil {
                record.heroes[index].name = storedName(of: hero.userID, in: record.id)
            }
        }
        if let count = update.joinedCount { record.joinedCount = count }
        if let count = update.invitedCount { record.invitedCount = count }
        if let count = update.notificationCount {
            record.serverUnread = count
            record.hasServerCounts = true
        }
        if let count = update.highlightCount { record.serverHighlights = count }
    }

    private func apply(accountData events: [JSONObject], to record: inout RoomRecord) {
        for event in events {
            let content = event["content"]?.objectValue ?? [:]
            switch event.string(at: "type") {
            case "m.tag": record.tags = content["tags"]?.objectValue.map { Array($0.keys) } ?? []
            case "m.marked_unread", "com.famedly.marked_unread":
                record.isMarkedUnread = content["unread"]?.boolValue ?? false
            default: break
            }
        }
    }

    // MARK: Receipts

    private func apply(
        receipts content: JSONObject, in roomID: RoomID, record: inout RoomRecord, _ draft: inout Draft
    ) throws(ClientError) {
        for event in content.members {
            for (type, users) in event.value.objectValue?.members.map({ ($0.key, $0.value) }) ?? []
            where type == "m.read" || type == "m.read.private" {
                for member in users.objectValue?.members ?? [] {
                    guard let reader = UserID(member.key) else { continue }
                    // Receipts of single threads say nothing of the room.
                    if let thread = member.value["thread_id"]?.stringValue, thread != "main" { continue }
                    let receipt = TimelineInput.ReadReceipt(
                        eventID: event.key, timestamp: member.value["ts"]?.integerValue ?? 0)
                    if reader == userID {
                        try applyOwn(receipt, to: &record, draft)
                    } else {
                        draft.receipts[roomID, default: [:]][reader] = receipt
                    }
                    draft.changes.append(receipt.change(of: reader, in: roomID))
                }
            }
        }
    }

    private func applyOwn(
        _ receipt: TimelineInput.ReadReceipt, to record: inout RoomRecord, _ draft: Draft
    ) throws(ClientError) {
        let place = try place(of: receipt.eventID, in: record.id, draft)
        if let place { record.readPlace = max(record.readPlace ?? .min, place) }
    }

    /// Where an event stands, this step's included; nil when it is not known here.
    func place(of eventID: String, in roomID: RoomID, _ draft: Draft) throws(ClientError) -> Int64? {
        if let place = draft.places[roomID]?[ByteExactString(eventID)] { return place }
        return try storedPlace(of: eventID, in: roomID)
    }

    // MARK: Unread

    /// Counts anew where something has changed that counts.
    func recount(_ record: inout RoomRecord, before: RoomRecord, _ draft: Draft) throws(ClientError) {
        guard record.isEncrypted || !record.hasServerCounts else { return }
        let new = draft.events[record.id] ?? []
        guard record.readPlace != before.readPlace || !new.isEmpty || !before.isEncrypted else { return }
        guard let readPlace = record.readPlace else { return }
        var latest: [Int64: StoredEvent] = [:]
        for stored in try storedEvents(of: record.id, below: nil, limit: Self.maximumCounted) {
            latest[stored.place] = stored
        }
        for event in new { latest[event.place] = event }
        let unread = latest.values.filter { $0.place > readPlace && $0.isMessage && $0.sender != userID }
        record.localUnread = unread.count
        record.localHighlights = unread.count { $0.mentions(userID) }
    }

    /// Of more, nobody wants to know the number.
    private static let maximumCounted = 300
}

extension TimelineInput.ReadReceipt {
    func change(of reader: UserID, in roomID: RoomID) -> StoreChange {
        let json: JSONObject = [
            "user": .string(reader.string), "event": .string(eventID), "ts": .integer(timestamp),
        ]
        return StoreChange(StoreKey(.receipts, group: roomID.string, name: reader.string), json.bytes())
    }
}
