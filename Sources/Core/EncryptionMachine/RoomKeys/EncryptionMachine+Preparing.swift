import CanonicalJSON

/// That a room was found ready; true as long as nothing has changed that concerns anybody's keys.
struct RoomReadiness {
    let changeCount: UInt64
    let recipients: [String]
    let time: Int64
}

extension EncryptionMachine {
    /// Which devices are given room keys; ``SharingPolicy/crossSignedDevices`` at first. It is stored.
    public var sharingPolicy: SharingPolicy {
        get {
            store.value(in: .account, key: recordKey("sharing"))?.first.flatMap { SharingPolicy(rawValue: $0) }
                ?? .crossSignedDevices
        }
        set {
            store.set([newValue.rawValue], in: .account, key: recordKey("sharing"))
            changeCount &+= 1
        }
    }

    /// Makes sure that everybody who should can read what is sent next: asks for outdated device lists and for missing
    /// Olm sessions, makes a new Megolm session when one is due, and shares it.
    ///
    /// The host calls this before each message (and already when somebody begins to type), sends the requests it names,
    /// and calls again until it says ``Readiness/ready``.
    ///
    /// - Parameter members: all joined and invited users, this one too or not. They are tracked from now on.
    /// - Throws: ``MachineError/Code/roomNotEncrypted``.
    public func prepareToSend(in room: String, members: RoomMembers) throws(MachineError) -> Readiness {
        guard let record = roomRecord(room), record.isEncrypted else {
            throw MachineError(.roomNotEncrypted, "the room is not encrypted")
        }
        guard record.isSupported else { return .blocked(.unsupportedAlgorithm) }
        let recipients = recipients(members, visibility: record.historyVisibility)
        if isStillReady(room, for: recipients) { return .ready }
        readyRooms[room.bytes] = nil
        let saved = store.pending
        do throws(MachineError) {
            let readiness = try prepare(room, record, recipients)
            makeDueRequests()
            if readiness == .ready {
                readyRooms[room.bytes] = RoomReadiness(changeCount: changeCount, recipients: recipients, time: now())
            }
            return readiness
        } catch {
            forgetChanges(since: saved)
            throw error
        }
    }

    private func prepare(
        _ room: String, _ record: RoomRecord, _ recipients: [String]
    ) throws(MachineError) -> Readiness {
        track(recipients)
        makeDueRequests()
        if let waiting = waitingForDeviceLists(of: recipients) { return waiting }
        let changed = recipients.filter { isBlocked($0) }
        guard changed.isEmpty else { return .blocked(.identitiesChanged(users: changed)) }

        let sharing = SessionSharing(self, room: room, recipients: recipients)
        var session = try outboundSession(in: room, record)
        if let current = session, sharing.mustReplace(current) {
            retire(current, in: room)
            session = nil
        }
        if let waiting = waitingForOlmSessions(of: sharing.missing(session)) { return waiting }
        let current: OutboundSessionRecord
        if let session { current = session } else { current = try makeOutboundSession(in: room, record) }
        try share(current, in: room, sharing)
        let pending = work.numbers(for: room)
        return pending.isEmpty ? .ready : .waiting(for: pending.map { OutgoingRequest.ID($0) })
    }

    /// Whether nothing has changed since the room was found ready.
    func isStillReady(_ room: String, for recipients: [String]? = nil) -> Bool {
        guard let readiness = readyRooms[room.bytes], readiness.changeCount == changeCount,
            recipients.map({ same($0, readiness.recipients) }) ?? true
        else { return false }
        let age = now() &- readiness.time
        guard (0...600_000).contains(age), let record = roomRecord(room),
            let session = store.find(OutboundSessionRecord.self, OutboundSessionRecord.key(room))
        else { return false }
        return !isWornOut(session, record)
    }

    private func same(_ left: [String], _ right: [String]) -> Bool {
        guard left.count == right.count else { return false }
        for (left, right) in zip(left, right) where !utf8Equal(left, right) { return false }
        return true
    }

    /// Sorted, each once, with the own user.
    private func recipients(_ members: RoomMembers, visibility: RoomHistoryVisibility) -> [String] {
        var names: [[UInt8]: String] = [userID.bytes: userID]
        for user in members.joined where isIdentifier(user) { names[user.bytes] = user }
        if visibility != .joined {
            for user in members.invited where isIdentifier(user) { names[user.bytes] = user }
        }
        return names.sorted { precedes($0.key, $1.key) }.map(\.value)
    }

    /// Waits for lists that are being asked for; those whose server does not answer do not hold up the room.
    private func waitingForDeviceLists(of users: [String]) -> Readiness? {
        let time = now()
        for user in users {
            guard let record = store.find(TrackedUserRecord.self, TrackedUserRecord.key(user)), record.isOutdated,
                record.retryAt <= time
            else { continue }
            return .waiting(for: work.numbers(of: .queryKeys).map { OutgoingRequest.ID($0) })
        }
        return nil
    }

    private func waitingForOlmSessions(of devices: [DeviceRecord]) -> Readiness? {
        var isWaiting = false
        for device in devices where !hasOlmSession(with: device) && mayClaim(device) {
            wantSession(with: device)
            isWaiting = true
        }
        guard isWaiting else { return nil }
        makeDueRequests()
        return .waiting(for: work.numbers(of: .claimKeys).map { OutgoingRequest.ID($0) })
    }
}
