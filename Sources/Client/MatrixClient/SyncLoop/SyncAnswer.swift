import CanonicalJSON
import EncryptionMachine
import MatrixIdentifiers

/// What the server has told us, in one form for all of its forms.
package struct SyncAnswer: Sendable {
    /// What is new in one room. Nil where nothing is said.
    package struct RoomUpdate: Sendable {
        package let id: RoomID
        package var membership: Membership?
        /// Whether this is all that we are told of the room, and not what follows what we know.
        package var isInitial = false
        package var state: [JSONObject] = []
        package var strippedState: [JSONObject]?
        package var timeline: [JSONObject] = []
        package var isLimited = false
        /// Where `/messages` goes on before the timeline.
        package var previousBatch: String?
        package var heroes: [RoomRecord.Hero]?
        package var joinedCount: Int?
        package var invitedCount: Int?
        package var notificationCount: Int?
        package var highlightCount: Int?
        package var accountData: [JSONObject] = []
        /// The contents of `m.receipt`.
        package var receipts: JSONObject?
        package var typing: [UserID]?
    }

    package var outcome: SyncMachine.Outcome
    package var rooms: [RoomUpdate] = []
    package var accountData: [JSONObject] = []
    package var encryption = SyncChanges()

    /// - Throws: ``ClientError/Code/brokenAnswer``. What is broken within a room is left out, so that one event
    ///   cannot hold up the rest.
    package init(_ json: JSONObject, form: SyncForm) throws(ClientError) {
        let position = json.string(at: form == .v3 ? "next_batch" : "pos")
        guard let position else { throw ClientError(.brokenAnswer, "the answer to a sync has no position") }
        outcome = SyncMachine.Outcome(position: position)
        if form == .v3 { readV3(json) } else { readSliding(json) }
    }

    private mutating func readEncryption(_ json: JSONObject) {
        encryption.changedDeviceLists = json["device_lists"]?.objectValue?.strings(at: "changed") ?? []
        encryption.leftDeviceLists = json["device_lists"]?.objectValue?.strings(at: "left") ?? []
        encryption.oneTimeKeyCounts = json["device_one_time_keys_count"]?.objectValue
        if let types = json["device_unused_fallback_key_types"]
            ?? json["org.matrix.msc2732.device_unused_fallback_key_types"]
        {
            encryption.unusedFallbackKeyTypes = types.arrayValue?.compactMap(\.stringValue)
        }
    }

    private static func count(_ value: JSONValue?) -> Int? {
        value?.integerValue.map { Int(max(0, min($0, 1 << 31))) }
    }
}

// MARK: - Sliding sync

/// https://github.com/matrix-org/matrix-spec-proposals/pull/4186
extension SyncAnswer {
    private mutating func readSliding(_ json: JSONObject) {
        let lists = json["lists"]?.objectValue?.members.compactMap { Self.count($0.value["count"]) }
        outcome.roomCount = lists?.max()
        for member in json["rooms"]?.objectValue?.members ?? [] {
            guard let id = RoomID(member.key), let room = member.value.objectValue else { continue }
            rooms.append(Self.slidingRoom(id, room))
        }
        let extensions = json["extensions"]?.objectValue ?? [:]
        readEncryption(extensions["e2ee"]?.objectValue ?? [:])
        encryption.toDevice = extensions["to_device"]?["events"]?.arrayValue ?? []
        outcome.toDeviceSince = extensions["to_device"]?["next_batch"]?.stringValue
        accountData = extensions["account_data"]?.objectValue?.objects(at: "global") ?? []
        for member in extensions["account_data"]?["rooms"]?.objectValue?.members ?? [] {
            update(member.key) { $0.accountData = member.value.arrayValue?.compactMap(\.objectValue) ?? [] }
        }
        for member in extensions["receipts"]?["rooms"]?.objectValue?.members ?? [] {
            update(member.key) { $0.receipts = member.value["content"]?.objectValue }
        }
        for member in extensions["typing"]?["rooms"]?.objectValue?.members ?? [] {
            update(member.key) { $0.typing = Self.typists(member.value["content"]) }
        }
    }

    /// Extensions speak of rooms with nothing else new, too.
    private mutating func update(_ roomID: String, _ change: (inout RoomUpdate) -> Void) {
        guard let id = RoomID(roomID) else { return }
        if let index = rooms.firstIndex(where: { $0.id == id }) {
            change(&rooms[index])
        } else {
            var room = RoomUpdate(id: id)
            change(&room)
            rooms.append(room)
        }
    }

    private static func slidingRoom(_ id: RoomID, _ json: JSONObject) -> RoomUpdate {
        var room = RoomUpdate(id: id)
        room.isInitial = json["initial"]?.boolValue ?? false
        room.membership = json.string(at: "membership").flatMap(Membership.init)
        let stripped = json["stripped_state"] ?? json["invite_state"]
        if let stripped {
            room.strippedState = stripped.arrayValue?.compactMap(\.objectValue)
            if room.membership == nil { room.membership = .invite }
        }
        room.state = json.objects(at: "required_state")
        room.timeline = json.objects(at: "timeline")
        room.isLimited = json["limited"]?.boolValue ?? false
        room.previousBatch = json.string(at: "prev_batch")
        room.heroes = json["heroes"]?.arrayValue?.compactMap { hero in
            hero["user_id"]?.stringValue.flatMap(UserID.init).map {
                RoomRecord.Hero(userID: $0, name: hero["displayname"]?.stringValue)
            }
        }
        room.joinedCount = count(json["joined_count"])
        room.invitedCount = count(json["invited_count"])
        room.notificationCount = count(json["notification_count"])
        room.highlightCount = count(json["highlight_count"])
        return room
    }

    private static func typists(_ content: JSONValue?) -> [UserID] {
        content?.objectValue?.strings(at: "user_ids").compactMap(UserID.init) ?? []
    }
}

// MARK: - v3

/// https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync
extension SyncAnswer {
    private mutating func readV3(_ json: JSONObject) {
        readEncryption(json)
        encryption.toDevice = json["to_device"]?["events"]?.arrayValue ?? []
        accountData = json["account_data"]?.objectValue?.objects(at: "events") ?? []
        let sections: [(String, Membership)] = [
            ("join", .join), ("invite", .invite), ("knock", .knock), ("leave", .leave),
        ]
        for (name, membership) in sections {
            for member in json["rooms"]?[name]?.objectValue?.members ?? [] {
                guard let id = RoomID(member.key), let room = member.value.objectValue else { continue }
                rooms.append(Self.v3Room(id, room, membership))
            }
        }
    }

    private static func v3Room(_ id: RoomID, _ json: JSONObject, _ membership: Membership) -> RoomUpdate {
        var room = RoomUpdate(id: id)
        room.membership = membership
        if let stripped = json["invite_state"] ?? json["knock_state"] {
            room.strippedState = stripped.objectValue?.objects(at: "events") ?? []
        }
        room.state = json["state"]?.objectValue?.objects(at: "events") ?? []
        let timeline = json["timeline"]?.objectValue ?? [:]
        room.timeline = timeline.objects(at: "events")
        room.isLimited = timeline["limited"]?.boolValue ?? false
        room.previousBatch = timeline.string(at: "prev_batch")
        let summary = json["summary"]?.objectValue ?? [:]
        room.heroes = summary["m.heroes"]?.arrayValue?.compactMap { hero in
            hero.stringValue.flatMap(UserID.init).map { RoomRecord.Hero(userID: $0, name: nil) }
        }
        room.joinedCount = count(summary["m.joined_member_count"])
        room.invitedCount = count(summary["m.invited_member_count"])
        room.notificationCount = count(json["unread_notifications"]?["notification_count"])
        room.highlightCount = count(json["unread_notifications"]?["highlight_count"])
        room.accountData = json["account_data"]?.objectValue?.objects(at: "events") ?? []
        for event in json["ephemeral"]?.objectValue?.objects(at: "events") ?? [] {
            switch event.string(at: "type") {
            case "m.receipt": room.receipts = event["content"]?.objectValue
            case "m.typing": room.typing = typists(event["content"])
            default: break
            }
        }
        return room
    }
}
