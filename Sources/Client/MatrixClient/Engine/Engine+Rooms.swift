import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Making, joining and leaving rooms, and who is in them.
extension Engine {
    /// https://spec.matrix.org/v1.19/client-server-api/#creation
    func createRoom(_ creation: RoomCreation) async throws(ClientError) -> RoomID {
        let isEncrypted = creation.isEncrypted ?? (configuration.encryptsByDefault && creation.kind != .publicGroup)
        var body: JSONObject = [
            "preset": .string(creation.kind.preset), "is_direct": .bool(creation.kind == .direct),
            "visibility": .string(creation.kind == .publicGroup ? "public" : "private"),
            "invite": .array(creation.invite.map { .string($0.string) }),
        ]
        if let name = creation.name { body["name"] = .string(name) }
        if let topic = creation.topic { body["topic"] = .string(topic) }
        if let alias = creation.aliasLocalpart { body["room_alias_name"] = .string(alias) }
        if isEncrypted {
            body["initial_state"] = [
                [
                    "type": "m.room.encryption", "state_key": "", "content": ["algorithm": "m.megolm.v1.aes-sha2"],
                ]
            ]
        }
        let answer = try await call(.createRoom, body: body)
        guard let roomID = answer.string(at: "room_id").flatMap(RoomID.init) else {
            throw ClientError(.brokenAnswer, "the server does not say what it has called the room")
        }
        try await expect(roomID, isEncrypted: isEncrypted)
        if creation.kind == .direct, let other = creation.invite.first { try await markDirect(roomID, with: other) }
        return roomID
    }

    /// What is known of a room before the first sync tells of it: so that one can send at once, and encrypted if it
    /// is to be.
    private func expect(_ roomID: RoomID, isEncrypted: Bool) async throws(ClientError) {
        if isEncrypted { try await learnEncryption(of: roomID) }
        var record = rooms[roomID] ?? RoomRecord(id: roomID)
        record.membership = .join
        if isEncrypted { record.isEncrypted = true }
        record.activity = max(record.activity, environment.now())
        var draft = Draft()
        draft.changes = [record.change]
        draft.rooms[roomID] = record
        draft.touched.insert(roomID)
        try finish(draft)
    }

    private func markDirect(_ roomID: RoomID, with other: UserID) async throws(ClientError) {
        var content = accountData[ByteExactString("m.direct")] ?? [:]
        var ids = content.strings(at: other.string)
        guard !ids.contains(where: { utf8Equal($0, roomID.string) }) else { return }
        ids.append(roomID.string)
        content[other.string] = .array(ids.map { .string($0) })
        try await setAccountData("m.direct", content)
    }

    func directChat(with other: UserID) async throws(ClientError) -> RoomID {
        let direct = directRooms()
        let there = rooms.values.filter { room in
            guard direct[room.id] == other, room.membership == .join else { return false }
            // One that the other has left is no conversation any more.
            let member = stateEvent("m.room.member", other.string, in: room.id)?["content"]?["membership"]?.stringValue
            return member == nil || member == "join" || member == "invite"
        }
        if let room = there.max(by: { $0.activity < $1.activity }) { return room.id }
        return try await createRoom(RoomCreation(.direct, invite: [other]))
    }

    func join(_ idOrAlias: String, via: [String]) async throws(ClientError) -> RoomID {
        let invited = RoomID(idOrAlias).flatMap { rooms[$0] }.flatMap { $0.membership == .invite ? $0 : nil }
        let isDirect = invited.map { isDirectInvitation($0.id) } ?? false
        let answer = try await call(
            .joinRoom, ["roomIdOrAlias": idOrAlias], query: via.prefix(20).map { ("via", $0) }, body: [:])
        guard let roomID = answer.string(at: "room_id").flatMap(RoomID.init) else {
            throw ClientError(.brokenAnswer, "the server does not say what room this is")
        }
        let now = environment.now()
        try changeRecord(roomID) { record in
            record.membership = .join
            if let inviter = invited?.inviter { (record.acceptedFrom, record.acceptedAt) = (inviter, now) }
        }
        if invited != nil {
            offeredBundles.insert(roomID)
            machineBell.ring()
        }
        if let inviter = invited?.inviter, isDirect { try await markDirect(roomID, with: inviter) }
        return roomID
    }

    private func isDirectInvitation(_ roomID: RoomID) -> Bool {
        invitations[roomID] == true
    }

    func leave(_ roomID: RoomID) async throws(ClientError) {
        _ = try await call(.leaveRoom, ["roomId": roomID.string], body: [:])
        try changeRecord(roomID) { $0.membership = .leave }
    }

    func forget(_ roomID: RoomID) async throws(ClientError) {
        _ = try await call(.forgetRoom, ["roomId": roomID.string], body: [:])
        var draft = Draft()
        for table in [StoreTable.state, .events, .places, .receipts, .sendQueue, .uploads] {
            for record in try store.records(in: table, group: Array(roomID.string.utf8)) {
                draft.changes.append(StoreChange(record.key, nil))
            }
        }
        draft.changes.append(StoreChange(RoomRecord.key(roomID), nil))
        draft.queues[roomID] = RoomQueue()
        try finish(draft)
        rooms[roomID] = nil
        lastMessages[roomID] = nil
        publishRooms()
    }

    /// - Parameter action: `invite`, `kick`, `ban` or `unban`.
    func changeMembership(
        _ action: String, of user: UserID, in roomID: RoomID, reason: String?
    ) async throws(ClientError) {
        let endpoint: Endpoint =
            switch action {
            case "invite": .inviteUser
            case "kick": .kick
            case "ban": .ban
            default: .unban
            }
        if action == "invite" { await shareHistory(of: roomID, with: user) }
        var body: JSONObject = ["user_id": .string(user.string)]
        if let reason { body["reason"] = .string(reason) }
        _ = try await call(endpoint, ["roomId": roomID.string], body: body)
    }

    func setState(_ type: String, content: JSONObject, in roomID: RoomID) async throws(ClientError) {
        _ = try await call(
            .setRoomStateWithKey, ["roomId": roomID.string, "eventType": type, "stateKey": ""], body: content)
    }

    // MARK: Members

    func members(of roomID: RoomID) async throws(ClientError) -> [RoomMember] {
        try await loadMembers(of: roomID)
        let directory = storedMembers(of: roomID)
        let levels = stateEvent("m.room.power_levels", in: roomID)?["content"]?.objectValue
        let usual = levels?["users_default"]?.integerValue ?? 0
        let creators = creators(of: roomID)
        return directory.entries.map { userID, entry in
            let level = creators.contains(userID) ? 100 : levels?["users"]?[userID.string]?.integerValue ?? usual
            return RoomMember(
                id: userID, membership: entry.membership, displayName: entry.displayName, avatarURL: entry.avatarURL,
                powerLevel: level, name: directory.name(of: userID))
        }.sorted {
            ($0.membership != .join ? 1 : 0, -$0.powerLevel, $0.id) < (
                $1.membership != .join ? 1 : 0, -$1.powerLevel, $1.id
            )
        }
    }

    /// From room version 12 on nobody is above those who have made the room.
    private func creators(of roomID: RoomID) -> [UserID] {
        guard roomID.serverName == nil, let create = stateEvent("m.room.create", in: roomID) else { return [] }
        return
            ([create.string(at: "sender")].compactMap { $0 }
            + (create["content"]?.objectValue?.strings(at: "additional_creators") ?? [])).compactMap(UserID.init)
    }

    /// Asks the server for all members, unless they are known.
    ///
    /// What a sync has told in the meantime is newer than the answer: then nothing is taken from it, and
    /// ``RoomRecord/hasAllMembers`` stays false. Else somebody who has just left could be given keys.
    func loadMembers(of roomID: RoomID) async throws(ClientError) {
        guard let record = rooms[roomID] else { throw ClientError(.notFound, "the room \(roomID) is not known here") }
        guard !record.hasAllMembers else { return }
        let changes = memberChanges[roomID]
        let answer = try await call(.getMembersByRoom, ["roomId": roomID.string])
        guard memberChanges[roomID] == changes else { return }
        let events = answer.objects(at: "chunk").filter { $0.string(at: "type") == "m.room.member" }
        var draft = Draft()
        for event in events {
            guard let key = event.string(at: "state_key") else { continue }
            draft.changes.append(StoreChange(Self.stateKey(roomID, "m.room.member", key), event.bytes()))
            draft.members[roomID, default: []].append(event)
        }
        // Those who are missing are gone, and without having been told of.
        let present = Set(events.compactMap { $0.string(at: "state_key").flatMap(UserID.init) })
        for missing in storedMembers(of: roomID).entries.keys where !present.contains(missing) {
            draft.changes.append(StoreChange(Self.stateKey(roomID, "m.room.member", missing.string), nil))
        }
        _ = machineHost.receiveState(events, in: roomID)
        guard var now = rooms[roomID] else { return }
        now.hasAllMembers = true
        draft.changes.append(now.change)
        draft.rooms[roomID] = now
        draft.touched.insert(roomID)
        try finish(draft)
    }
}

extension RoomCreation.Kind {
    /// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom
    fileprivate var preset: String {
        switch self {
        case .privateGroup: "private_chat"
        case .publicGroup: "public_chat"
        case .direct: "trusted_private_chat"
        }
    }
}
