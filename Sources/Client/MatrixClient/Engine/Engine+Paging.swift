import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Fetching from the server what lies in a gap.
extension Engine {
    /// One page from a gap's end backwards; the gap shrinks, or is closed.
    func fillGap(_ gap: RoomRecord.Gap, in roomID: RoomID, count: Int) async throws(ClientError) {
        if paging[roomID] != nil {
            // Somebody is at it: what he fetches serves both.
            await withCheckedContinuation { paging[roomID]?.append($0) }
            return
        }
        paging[roomID] = []
        defer { for waiter in paging.removeValue(forKey: roomID) ?? [] { waiter.resume() } }
        let answer = try await call(
            .getRoomEvents, ["roomId": roomID.string],
            query: [
                ("dir", "b"), ("from", gap.token), ("limit", "\(count)"),
                ("filter", #"{"lazy_load_members":true}"#),
            ])
        try take(answer, into: gap, in: roomID)
        machineBell.ring()
    }

    private func take(_ answer: JSONObject, into gap: RoomRecord.Gap, in roomID: RoomID) throws(ClientError) {
        guard var record = rooms[roomID], let index = record.gaps.firstIndex(of: gap) else { return }
        var draft = Draft()
        for event in answer.objects(at: "state") where event.string(at: "type") == "m.room.member" {
            // Who was a member then, unless it is known what he is now.
            guard let key = event.string(at: "state_key"), stateEvent("m.room.member", key, in: roomID) == nil else {
                continue
            }
            draft.changes.append(StoreChange(Self.stateKey(roomID, "m.room.member", key), event.bytes()))
            draft.members[roomID, default: []].append(event)
        }
        var place = gap.place
        var isClosed = false
        for event in answer.objects(at: "chunk") {
            guard let eventID = event.string(at: "event_id") else { continue }
            if let known = try self.place(of: eventID, in: roomID, draft) {
                // What is known and stands before the gap ends it; what stands after it comes twice.
                if known < gap.place { isClosed = true }
                if isClosed { break }
                continue
            }
            if try keep(event, at: place, roomID, &draft) { place -= 1 }
        }
        let end = answer.string(at: "end")
        record.gaps.remove(at: index)
        if !isClosed, let end, end != gap.token || place != gap.place {
            record.gaps.insert(.init(place: place, token: end), at: index)
        }
        draft.changes.append(record.change)
        draft.rooms[roomID] = record
        draft.touched.insert(roomID)
        try finish(draft)
    }
}
