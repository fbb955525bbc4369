import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers

/// Emptying the send queue: rooms side by side, each in order.
extension Engine {
    /// - Returns: why it has ended.
    func sendLoop() async -> ClientError? {
        await withDiscardingTaskGroup { group in
            sendBell.ring()
            for await _ in sendBell.rings {
                if isOver {
                    group.cancelAll()
                    break
                }
                for roomID in roomsToSend() {
                    sending.insert(roomID)
                    group.addTask { await self.sendAll(in: roomID) }
                }
            }
        }
        do throws(ClientError) { try checkUsable() } catch { return error }
        return nil
    }

    /// So many rooms are sent to at once.
    private static let maximumRooms = 8

    private func roomsToSend() -> [RoomID] {
        let waiting = queues.filter { $0.value.hasWaiting && !sending.contains($0.key) }
        let inOrder = waiting.sorted { ($0.value.next?.timestamp ?? 0) < ($1.value.next?.timestamp ?? 0) }
        return inOrder.prefix(max(0, Self.maximumRooms - sending.count)).map(\.key)
    }

    private func sendAll(in roomID: RoomID) async {
        var retry = RetrySchedule()
        while !Task.isCancelled, let entry = queues[roomID]?.next {
            do throws(ClientError) {
                try await send(entry)
                retry.reset()
            } catch {
                guard error.code != .cancelled, await recover(from: error, sending: entry, &retry) else {
                    // Nothing can be sent now; whoever changes that rings.
                    sending.remove(roomID)
                    return
                }
            }
        }
        sending.remove(roomID)
        // Others may have waited for a place.
        sendBell.ring()
    }

    /// - Returns: whether to go on.
    private func recover(
        from error: ClientError, sending entry: QueueEntry, _ retry: inout RetrySchedule
    ) async -> Bool {
        switch error.code {
        case .offline, .serverFailed, .limited, .brokenAnswer:
            var asked: Int64?
            if case .limited(let milliseconds) = error.code { asked = milliseconds }
            do {
                try await environment.sleep(.milliseconds(retry.delay(random: randomNumber(), asked: asked)))
                return true
            } catch {
                return false
            }
        // Nothing can be sent before the person has signed in again; and nothing is lost.
        case .signedOut, .store: return false
        default:
            do throws(ClientError) {
                try fail(entry, error)
                return true
            } catch {
                return false
            }
        }
    }

    private func fail(_ entry: QueueEntry, _ error: ClientError) throws(ClientError) {
        guard var queue = queues[entry.roomID], var entry = queue[entry.transactionID] else { return }
        var draft = Draft()
        if entry.isCancelled {
            draft.changes = queue.cancel(entry.transactionID)
        } else {
            entry.state = .failed(error)
            draft.changes = queue.replace(entry)
        }
        draft.queues[entry.roomID] = queue
        draft.touched.insert(entry.roomID)
        try finish(draft)
    }

    // MARK: One entry

    /// Takes an entry one step further; each step is durable before the next.
    private func send(_ entry: QueueEntry) async throws(ClientError) {
        if queues[entry.roomID]?.isOrphan(entry) == true {
            throw ClientError(.notFound, "the message that this is about was not sent")
        }
        if entry.isCancelled, !entry.hasBeenTried { return try drop(entry) }
        if entry.upload != nil { return try await upload(entry) }
        if entry.needsEncryption, rooms[entry.roomID]?.isEncrypted == true, entry.encrypted == nil {
            return try await encrypt(entry)
        }
        if !entry.hasBeenTried { return try markTried(entry) }
        let eventID = try await put(entry)
        try sent(entry, as: eventID)
    }

    private func drop(_ entry: QueueEntry) throws(ClientError) {
        guard var queue = queues[entry.roomID] else { return }
        var draft = Draft()
        draft.changes = queue.cancel(entry.transactionID)
        draft.queues[entry.roomID] = queue
        draft.touched.insert(entry.roomID)
        try finish(draft)
    }

    /// From now on only the server knows whether it has the event.
    private func markTried(_ entry: QueueEntry) throws(ClientError) {
        try change(entry) { $0.hasBeenTried = true }
    }

    /// Changes an entry as it is now, if it is still there.
    func change(_ entry: QueueEntry, _ body: (inout QueueEntry) -> Void) throws(ClientError) {
        guard var queue = queues[entry.roomID], var entry = queue[entry.transactionID] else { return }
        body(&entry)
        var draft = Draft()
        draft.changes = queue.replace(entry)
        draft.queues[entry.roomID] = queue
        draft.touched.insert(entry.roomID)
        try finish(draft)
    }

    private func put(_ entry: QueueEntry) async throws(ClientError) -> String {
        var parameters = ["roomId": entry.roomID.string, "txnId": entry.transactionID]
        let answer: JSONObject
        switch entry.kind {
        case .event(let type):
            parameters["eventType"] = entry.encrypted == nil ? type : "m.room.encrypted"
            answer = try await call(.sendMessage, parameters, body: entry.encrypted ?? entry.content)
        case .redaction(let reason):
            parameters["eventId"] = entry.target ?? ""
            answer = try await call(.redactEvent, parameters, body: reason.map { ["reason": .string($0)] } ?? [:])
        }
        guard let eventID = answer.string(at: "event_id") else {
            throw ClientError(.brokenAnswer, "the server does not say what it has called the event")
        }
        return eventID
    }

    private func sent(_ entry: QueueEntry, as eventID: String) throws(ClientError) {
        guard var queue = queues[entry.roomID], let now = queue[entry.transactionID] else { return }
        var draft = Draft()
        draft.changes = queue.sent(entry.transactionID, as: eventID)
        if now.isCancelled {
            draft.changes += queue.remove(entry.transactionID)
            let redaction = QueueEntry(
                roomID: entry.roomID, place: queue.nextPlace, transactionID: randomName("m"),
                kind: .redaction(reason: nil), content: [:], target: eventID, timestamp: environment.now())
            draft.changes += queue.append(redaction)
        } else if try storedPlace(of: eventID, in: entry.roomID) != nil {
            // It has come back before the answer did.
            draft.changes += queue.remove(entry.transactionID)
        }
        draft.queues[entry.roomID] = queue
        draft.touched.insert(entry.roomID)
        try finish(draft)
    }
}
