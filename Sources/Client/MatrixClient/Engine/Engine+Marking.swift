import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// What one tells the others about what one does.
extension Engine {
    /// https://spec.matrix.org/v1.19/client-server-api/#receipts and #fully-read-markers
    func markRead(
        _ item: TimelineItem.ID?, isPrivate: Bool, in roomID: RoomID
    ) async throws(ClientError) {
        let eventID: String
        if let item {
            eventID = try target(item, in: roomID)
        } else {
            guard let newest = try storedEvents(of: roomID, below: nil, limit: 1).last else { return }
            eventID = newest.eventID
        }
        guard !QueueEntry.isReference(eventID), let place = try storedPlace(of: eventID, in: roomID) else { return }
        if rooms[roomID]?.isMarkedUnread == true { try await setMarkedUnread(false, in: roomID) }
        guard (rooms[roomID]?.readPlace ?? .min) < place || rooms[roomID]?.unread.count ?? 0 > 0 else { return }
        let type = isPrivate ? "m.read.private" : "m.read"
        _ = try await call(
            .setReadMarker, ["roomId": roomID.string],
            body: [type: .string(eventID), "m.fully_read": .string(eventID)])
        guard var record = rooms[roomID] else { return }
        var draft = Draft()
        record.readPlace = max(record.readPlace ?? .min, place)
        // The server says the same with the next sync; people should not wait for it.
        let later = try storedEvents(of: roomID, below: nil, atLeast: place + 1, limit: 300)
            .filter { $0.isMessage && $0.sender != userID }
        record.localUnread = later.count
        record.localHighlights = later.count { $0.mentions(userID) }
        if later.isEmpty { (record.serverUnread, record.serverHighlights) = (0, 0) }
        draft.changes = [record.change]
        draft.rooms[roomID] = record
        draft.touched.insert(roomID)
        try finish(draft)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#typing-notifications
    func setTyping(_ isTyping: Bool, in roomID: RoomID) async throws(ClientError) {
        var body: JSONObject = ["typing": .bool(isTyping)]
        if isTyping { body["timeout"] = 30_000 }
        _ = try await call(.setTyping, ["roomId": roomID.string, "userId": userID.string], body: body)
        // Who types will send: what that needs can be fetched already.
        guard isTyping, rooms[roomID]?.isEncrypted == true else { return }
        do throws(ClientError) {
            try await prepareEncryption(in: roomID)
        } catch {
            // Whoever sends is told; who types has done nothing wrong yet.
        }
    }

    func setTag(_ tag: String, _ isSet: Bool, in roomID: RoomID) async throws(ClientError) {
        let parameters = ["userId": userID.string, "roomId": roomID.string, "tag": tag]
        _ = try await isSet ? call(.setRoomTag, parameters, body: [:]) : call(.deleteRoomTag, parameters)
        try changeRecord(roomID) { record in
            record.tags.removeAll { utf8Equal($0, tag) }
            if isSet { record.tags.append(tag) }
        }
    }

    func setMarkedUnread(_ isUnread: Bool, in roomID: RoomID) async throws(ClientError) {
        try await setAccountData("m.marked_unread", ["unread": .bool(isUnread)], in: roomID)
        try changeRecord(roomID) { $0.isMarkedUnread = isUnread }
    }

    func changeRecord(_ roomID: RoomID, _ body: (inout RoomRecord) -> Void) throws(ClientError) {
        guard var record = rooms[roomID] else { return }
        body(&record)
        var draft = Draft()
        draft.changes = [record.change]
        draft.rooms[roomID] = record
        draft.touched.insert(roomID)
        try finish(draft)
    }

    /// - Parameter roomID: nil for the account's own.
    func setAccountData(
        _ type: String, _ content: JSONObject, in roomID: RoomID? = nil
    ) async throws(ClientError) {
        var parameters = ["userId": userID.string, "type": type]
        if let roomID {
            parameters["roomId"] = roomID.string
            _ = try await call(.setAccountDataPerRoom, parameters, body: content)
            return
        }
        _ = try await call(.setAccountData, parameters, body: content)
        var draft = Draft()
        draft.accountData[ByteExactString(type)] = content
        draft.changes = [StoreChange(StoreKey(.accountData, name: type), content.bytes())]
        try finish(draft)
    }
}
