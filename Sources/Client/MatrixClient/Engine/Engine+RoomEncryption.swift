import CanonicalJSON
import EncryptionMachine
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Encrypting what is sent and decrypting what comes.
extension Engine {
    // MARK: Sending

    /// The step of an entry in which it is encrypted. The ciphertext is stored with the ratchet that made it, before it
    /// is sent: so neither is ever used twice.
    func encrypt(_ entry: QueueEntry) async throws(ClientError) {
        try await prepareEncryption(in: entry.roomID)
        // Between the last answer and here nothing is awaited, so nobody has come or gone.
        guard case .event(let type) = entry.kind, var queue = queues[entry.roomID],
            var now = queue[entry.transactionID], now.encrypted == nil
        else { return }
        if now.isCancelled { return }
        let hidden = HiddenReaction.hiding(type, now.content, if: configuration.hidesReactions)
        now.encrypted = try machineHost.encrypt(hidden, type: type, in: entry.roomID)
        var draft = Draft()
        draft.changes = queue.replace(now)
        draft.queues[entry.roomID] = queue
        draft.touched.insert(entry.roomID)
        try finish(draft)
    }

    /// So often the room may change while it is being prepared.
    private static let maximumRounds = 20

    /// Sends what must be answered before a message to the room can be encrypted.
    ///
    /// - Throws: ``ClientError/Code/identityChanged(userIDs:)`` when the person has to decide first.
    func prepareEncryption(in roomID: RoomID) async throws(ClientError) {
        try await learnEncryption(of: roomID)
        for _ in 0..<Self.maximumRounds {
            try await loadMembers(of: roomID)
            guard rooms[roomID]?.hasAllMembers == true else { continue }
            let readiness = try machineHost.prepare(in: roomID, members: encryptionMembers(of: roomID))
            try commit([])
            switch readiness {
            case .ready: return
            case .waiting: try await flushMachine()
            case .blocked(.identitiesChanged(let users)):
                throw ClientError(
                    .identityChanged(userIDs: users),
                    "the identity of \(users.joined(separator: ", ")) has changed; verify or accept it first")
            case .blocked(.unsupportedAlgorithm):
                throw ClientError(.encryption, "the room asks for an encryption that is not known here")
            }
        }
        throw ClientError(.serverFailed, "the room's devices change all the time")
    }

    /// Of a room that was joined a moment ago the sync has not told yet how it is encrypted.
    func learnEncryption(of roomID: RoomID) async throws(ClientError) {
        guard let machine = machineHost.machine, machine.encryption(of: roomID.string) == nil else { return }
        let content = try await call(
            .getRoomStateWithKey, ["roomId": roomID.string, "eventType": "m.room.encryption", "stateKey": ""])
        let news = machineHost.receiveState(
            [["type": "m.room.encryption", "state_key": "", "content": .object(content)]], in: roomID)
        try settle(news)
    }

    func encryptionMembers(of roomID: RoomID) -> RoomMembers {
        let directory = storedMembers(of: roomID)
        return RoomMembers(joined: directory.joined.map(\.string), invited: directory.invited.map(\.string))
    }

    // MARK: Receiving

    /// Keeps what may belong to a verification for the machine.
    func note(_ event: JSONObject, _ clear: DecryptedEvent?, in roomID: RoomID, _ draft: inout Draft) {
        let type = clear?.type ?? event.string(at: "type") ?? ""
        let content = clear?.content ?? event["content"]?.objectValue
        guard
            type.hasPrefix("m.key.verification.")
                || (type == "m.room.message" && content?.string(at: "msgtype") == "m.key.verification.request")
        else { return }
        draft.verificationEvents.append((roomID, event, clear))
    }

    /// The event with its cleartext, or why there is none.
    func decrypted(_ event: StoredEvent, in roomID: RoomID, _ draft: inout Draft) -> StoredEvent {
        guard event.isEncrypted, event.stateKey == nil, event.redactedBecause == nil else { return event }
        var event = event
        switch machineHost.decrypt(event.event, in: roomID) {
        case .success(let clear):
            event.clear = .init(type: clear.type, content: HiddenReaction.revealing(clear.type, clear.content))
            event.protection = Protection(clear)
            event.unreadable = nil
            note(event.event, clear, in: roomID, &draft)
        case .failure(let error):
            event.unreadable = UnreadableReason(error)
            if let sessionID = event.content.string(at: "session_id") {
                draft.changes.append(
                    StoreChange(Self.unreadableKey(roomID, sessionID, event.place), [1]))
            }
        }
        return event
    }

    private static func unreadableGroup(_ roomID: RoomID, _ sessionID: String) -> [UInt8] {
        Array((roomID.string + "\u{0}" + sessionID).utf8)
    }

    private static func unreadableKey(_ roomID: RoomID, _ sessionID: String, _ place: Int64) -> StoreKey {
        StoreKey(.unreadable, group: unreadableGroup(roomID, sessionID), item: .place(place))
    }

    /// What the machine says can be decrypted now, or never; and what that says to the machine.
    ///
    /// - Returns: the news with those that come of it.
    func apply(_ news: [MachineNews], to draft: inout Draft) throws(ClientError) -> [MachineNews] {
        for item in news {
            switch item {
            case .sessionsReadable(let room, let sessionIDs):
                guard let roomID = RoomID(room) else { continue }
                for sessionID in sessionIDs { try decryptAgain(sessionID, in: roomID, &draft) }
            case .sessionWithheld(let room, let sessionID, _):
                if let roomID = RoomID(room) { try decryptAgain(sessionID, in: roomID, &draft) }
            case .devicesChanged(let user, _, _), .identityChanged(let user, _), .verificationChanged(let user, _):
                if let userID = UserID(user) { try review(of: userID, &draft) }
            case .crossSigningChanged: try review(of: nil, &draft)
            default: break
            }
        }
        var all = news
        for item in draft.verificationEvents {
            all +=
                machineHost.machine?.receiveVerificationEvent(
                    item.event, decrypted: item.clear, in: item.room.string) ?? []
        }
        draft.verificationEvents = []
        return all
    }

    /// Who wrote something may be surer now, or less sure: looks again at what is on a screen.
    ///
    /// - Parameter sender: nil for everybody.
    private func review(of sender: UserID?, _ draft: inout Draft) throws(ClientError) {
        for timeline in timelines.values {
            try review(timeline.events.filter { sender == nil || $0.sender == sender }, in: timeline.roomID, &draft)
        }
    }

    func review(_ events: [StoredEvent], in roomID: RoomID, _ draft: inout Draft) throws(ClientError) {
        for event in events where event.isEncrypted && event.clear != nil {
            guard case .success(let clear) = machineHost.decrypt(event.event, in: roomID) else { continue }
            let protection = Protection(clear)
            guard protection != event.protection,
                var changed = try storedEvent(at: event.place, in: roomID, draft), changed.clear != nil
            else { continue }
            changed.protection = protection
            change(changed, in: roomID, &draft)
        }
    }

    private func decryptAgain(_ sessionID: String, in roomID: RoomID, _ draft: inout Draft) throws(ClientError) {
        let waiting = try store.records(
            in: .unreadable, group: Self.unreadableGroup(roomID, sessionID), places: .min ... .max,
            order: .ascending, limit: .max)
        var isChanged = false
        for record in waiting {
            guard case .place(let place) = record.key.item,
                let stored = try storedEvent(at: place, in: roomID, draft), stored.clear == nil
            else {
                draft.changes.append(StoreChange(record.key, nil))
                continue
            }
            // If it stays unreadable, this is followed by the same record again.
            draft.changes.append(StoreChange(record.key, nil))
            let event = decrypted(stored, in: roomID, &draft)
            guard event != stored else { continue }
            change(event, in: roomID, &draft)
            isChanged = true
        }
        guard isChanged, var record = draft.rooms[roomID] ?? rooms[roomID] else { return }
        let before = record
        try recount(&record, before: before, draft)
        if record != before {
            draft.changes.append(record.change)
            draft.rooms[roomID] = record
        }
    }
}

extension Protection {
    init(_ event: DecryptedEvent) {
        switch event.warning {
        case nil: self = event.senderTrust == .verified ? .verified : .encrypted
        case .unknownDevice: self = .doubtful(.unknownDevice)
        case .unsignedDevice: self = .doubtful(.unsignedDevice)
        case .identityChanged: self = .doubtful(.changedIdentity)
        case .authenticityNotGuaranteed: self = .doubtful(.unprovenSender)
        }
    }
}

extension UnreadableReason {
    init(_ error: DecryptionError) {
        switch error {
        case .unknownSession(_, let code), .beforeFirstKnownIndex(_, let code):
            switch code {
            case .historyNotShared: self = .sentBeforeThisDevice
            case .some(let code): self = .withheld(code: "\(code)")
            case nil: self = .keysMissing
            }
        case .malformed: self = .invalid("it is not encrypted as the specification says")
        case .unsupportedAlgorithm: self = .invalid("it is encrypted in an unknown way")
        case .badCiphertext: self = .invalid("it was changed on its way")
        case .senderMismatch: self = .invalid("its key belongs to somebody else")
        case .wrongRoom: self = .invalid("it was written for another room")
        case .replay: self = .invalid("it repeats another message")
        case .badPayload: self = .invalid("there is no message in it")
        case .damagedRecord: self = .invalid("its key on this device is damaged")
        }
    }
}
