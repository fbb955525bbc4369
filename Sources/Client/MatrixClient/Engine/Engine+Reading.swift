import CanonicalJSON
import MatrixIdentifiers

/// Reading what is stored of a room.
extension Engine {
    func storedPlace(of eventID: String, in roomID: RoomID) throws(ClientError) -> Int64? {
        try store.value(of: Self.placeKey(roomID, eventID)).flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    /// - Parameter place: nil for the latest events.
    /// - Returns: in the order of their places.
    func storedEvents(
        of roomID: RoomID, below place: Int64?, atLeast: Int64 = .min, limit: Int
    ) throws(ClientError) -> [StoredEvent] {
        let end = place.map { $0 - 1 } ?? .max
        guard atLeast <= end else { return [] }
        let records = try store.records(
            in: .events, group: Array(roomID.string.utf8), places: atLeast...end, order: .descending, limit: limit)
        return records.reversed().compactMap(StoredEvent.init)
    }

    func stateEvent(_ type: String, _ key: String = "", in roomID: RoomID) -> JSONObject? {
        do throws(ClientError) {
            return try store.value(of: Self.stateKey(roomID, type, key)).flatMap(ServerCaller.object)
        } catch {
            return nil
        }
    }

    func storedName(of userID: UserID, in roomID: RoomID) -> String? {
        stateEvent("m.room.member", userID.string, in: roomID)?["content"]?["displayname"]?.stringValue
    }

    func storedMembers(of roomID: RoomID) -> MemberDirectory {
        var directory = MemberDirectory()
        do throws(ClientError) {
            let prefix = Array("m.room.member\u{0}".utf8)
            for record in try store.records(in: .state, group: Array(roomID.string.utf8)) {
                guard case .name(let name) = record.key.item, name.starts(with: prefix),
                    let event = ServerCaller.object(record.value)
                else { continue }
                directory.apply(event)
            }
        } catch {
            // A store that cannot be read is found at the next commit.
        }
        return directory
    }

    func storedReceipts(of roomID: RoomID) throws(ClientError) -> [UserID: TimelineInput.ReadReceipt] {
        var receipts: [UserID: TimelineInput.ReadReceipt] = [:]
        for record in try store.records(in: .receipts, group: Array(roomID.string.utf8)) {
            guard let json = ServerCaller.object(record.value),
                let reader = json.string(at: "user").flatMap(UserID.init), reader != userID,
                let eventID = json.string(at: "event")
            else { continue }
            receipts[reader] = .init(eventID: eventID, timestamp: json["ts"]?.integerValue ?? 0)
        }
        return receipts
    }
}
