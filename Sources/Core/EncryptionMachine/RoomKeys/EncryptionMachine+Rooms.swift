import CanonicalJSON

extension EncryptionMachine {
    /// Tells the machine events of a room, of the state and of the timeline, in the order of the sync.
    ///
    /// It looks at `m.room.encryption`, `m.room.history_visibility` and `m.room.member`, and ignores others. The host
    /// gives it all member events of a sync, also those of a limited one: whoever is not joined may have a copy of the
    /// room's keys, so the session is replaced.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#mmegolmv1aes-sha2
    public func receiveStateEvents(_ events: [JSONObject], in room: String) -> [MachineNews] {
        guard isIdentifier(room) else { return [] }
        var news: [MachineNews] = []
        for event in events {
            guard let type = event.string("type"), let stateKey = event.string("state_key"),
                let content = event.object("content")
            else { continue }
            if utf8Equal(type, "m.room.encryption"), stateKey.utf8.isEmpty {
                news += receiveEncryption(content, in: room)
            } else if utf8Equal(type, "m.room.history_visibility"), stateKey.utf8.isEmpty {
                receiveHistoryVisibility(content, in: room)
            } else if utf8Equal(type, "m.room.member") {
                receiveMember(stateKey, content, in: room)
            }
        }
        return news
    }

    /// How a room is encrypted; nil when it is not.
    public func encryption(of room: String) -> RoomEncryption? {
        guard let record = roomRecord(room), record.isEncrypted else { return nil }
        return RoomEncryption(
            isSupported: record.isSupported, rotationPeriodMilliseconds: record.periodMilliseconds,
            rotationPeriodMessages: record.periodMessages, historyVisibility: record.historyVisibility)
    }

    /// Makes the next message use a new session, as after a doubt about who has the old one.
    public func discardSession(in room: String) {
        guard var record = store.find(OutboundSessionRecord.self, OutboundSessionRecord.key(room)) else { return }
        record.isDiscarded = true
        store.write(record, OutboundSessionRecord.key(room))
        changeCount &+= 1
    }

    /// A record that cannot be read is one of an encrypted room of the strictest kind.
    func roomRecord(_ room: String) -> RoomRecord? {
        do {
            return try store.read(RoomRecord.self, RoomRecord.key(room))
        } catch {
            var record = RoomRecord()
            record.isEncrypted = true
            record.historyVisibility = .joined
            return record
        }
    }

    private func receiveEncryption(_ content: JSONObject, in room: String) -> [MachineNews] {
        var record = roomRecord(room) ?? RoomRecord()
        let wasUsable = record.isEncrypted && record.isSupported
        guard let algorithm = content.string("algorithm"), utf8Equal(algorithm, Algorithm.megolm) else {
            // An event without content would switch encryption off; one with another algorithm, to something unknown.
            // A room that was never encrypted is not taken for plain either.
            if !record.isEncrypted, content.string("algorithm") == nil { return [] }
            if !record.isEncrypted {
                record.isEncrypted = true
                record.isSupported = false
                write(record, of: room)
            }
            return [.encryptionDowngraded(room: room)]
        }
        let milliseconds = content["rotation_period_ms"]?.integerValue ?? RoomRecord.defaultPeriodMilliseconds
        let messages = content["rotation_period_msgs"]?.integerValue ?? RoomRecord.defaultPeriodMessages
        record.periodMilliseconds = clamp(milliseconds, to: RoomRecord.periodMillisecondsRange)
        record.periodMessages = clamp(messages, to: RoomRecord.periodMessagesRange)
        record.isEncrypted = true
        record.isSupported = true
        write(record, of: room)
        return wasUsable ? [] : [.roomEncrypted(room: room)]
    }

    private func clamp(_ value: Int64, to range: ClosedRange<Int64>) -> Int64 {
        max(range.lowerBound, min(range.upperBound, value))
    }

    private func receiveHistoryVisibility(_ content: JSONObject, in room: String) {
        var record = roomRecord(room) ?? RoomRecord()
        let names: [(String, RoomHistoryVisibility)] = [
            ("joined", .joined), ("invited", .invited), ("shared", .shared), ("world_readable", .worldReadable),
        ]
        // What is none of these counts as the strictest.
        record.historyVisibility = .joined
        for (name, visibility) in names {
            if let text = content.string("history_visibility"), utf8Equal(text, name) {
                record.historyVisibility = visibility
            }
        }
        write(record, of: room)
    }

    private func write(_ record: RoomRecord, of room: String) {
        let bytes = record.bytes
        guard store.value(in: .rooms, key: RoomRecord.key(room)) != bytes else { return }
        store.set(bytes, in: .rooms, key: RoomRecord.key(room))
        changeCount &+= 1
    }

    private func receiveMember(_ user: String, _ content: JSONObject, in room: String) {
        changeCount &+= 1
        if let membership = content.string("membership"), utf8Equal(membership, "join") { return }
        // Also after an invite: between two syncs somebody may have left and been invited again.
        discardSession(in: room)
    }
}
