import CanonicalJSON
import HomeserverStore
import MatrixIdentifiers
import OutgoingHTTP
import Rooms

/// Bringing notifications to gateways.
extension PushService {
    struct Delivery: Sendable {
        let pusher: PusherNumber
        let gateway: String
        let action: PusherQueue.Action
    }

    private static let maximumRequests = 64
    /// A gateway that does not answer must not hold up the others.
    private static let maximumRequestsToGateway = 16

    /// What is due now and within the bounds; the rest comes when something of that has ended.
    func takeDue() -> [Delivery] {
        let now = environment.timestamp
        return state.withLock { state in
            var due: [Delivery] = []
            var count = state.requests.values.reduce(0, +)
            for number in state.active where count < Self.maximumRequests {
                guard let pusher = state.pushers[number],
                    state.requests[pusher.gateway, default: 0] < Self.maximumRequestsToGateway,
                    let action = state.pushers[number]?.queue.next(now: now)
                else { continue }
                due.append(Delivery(pusher: number, gateway: pusher.gateway, action: action))
                state.requests[pusher.gateway, default: 0] += 1
                count += 1
            }
            return due
        }
    }

    func deliver(_ delivery: Delivery) async {
        var outcome = PusherQueue.Outcome.failed
        await attempt("delivering") { outcome = try await perform(delivery) }
        let now = environment.timestamp
        state.withLock { state in
            let count = state.requests[delivery.gateway, default: 1] - 1
            state.requests[delivery.gateway] = count > 0 ? count : nil
            state.pushers[delivery.pusher]?.queue.finish(delivery.action, outcome, now: now)
            if state.pushers[delivery.pusher]?.queue.isEmpty ?? true { state.active.remove(delivery.pusher) }
        }
        wake()
    }

    private func perform(_ delivery: Delivery) async throws -> PusherQueue.Outcome {
        let record = try await database.read { try $0.pusher(delivery.pusher) }
        guard let record else {
            // Gone with its device.
            unregister([delivery.pusher])
            return .unneeded
        }
        let data = try PusherData(record.settings.data)
        guard let url = data.url else { return .unneeded }
        let request = PushRequest(pusher: record, data: data)
        let body: JSONObject
        let unread = data.disablesBadge ? 0 : try await unreadCount(of: record.userID)
        switch delivery.action {
        case .notify(let entry):
            let room = try await rooms.room(entry.room)
            guard let event = try await rooms.event(at: entry.position, in: room), event.redactedBecause == nil,
                !room.isRead(event, by: record.userID),
                let member = room.read({ $0.state["m.room.member", record.userID.string] }),
                PushSettings.concerns(event, member: member)
            else { return .unneeded }
            body = request.notification(of: event, in: room, tweaks: entry.tweaks, unread: unread)
        case .updateBadge:
            let told = state.withLock { $0.pushers[delivery.pusher]?.queue.badge }
            guard !data.disablesBadge, told != unread else { return .unneeded }
            body = request.badge(unread: unread)
        }
        return try await send(body, to: url, for: record) ? .delivered(badge: unread) : .failed
    }

    /// - Returns: false when the gateway did not take it, and is to be asked again.
    private func send(_ body: JSONObject, to url: OutgoingURL, for pusher: PusherRecord) async throws -> Bool {
        let response: OutgoingResponse
        do {
            response = try await caller.send(
                OutgoingRequest(
                    method: "POST", url: url, headers: [("Content-Type", "application/json")], body: body.bytes()))
        } catch {
            logger.info("a push gateway cannot be reached", metadata: ["gateway": "\(url.authority)"])
            return false
        }
        guard (200...299).contains(response.status) else {
            logger.info(
                "a push gateway refuses", metadata: ["gateway": "\(url.authority)", "status": "\(response.status)"])
            return false
        }
        let answer = (try? JSONParser.parse(response.body))?.objectValue
        let rejected = answer?["rejected"]?.arrayValue ?? []
        if rejected.contains(.string(pusher.settings.key.pushkey.string)) { try await remove(pusher) }
        return true
    }

    /// The gateway knows that the pushkey leads nowhere.
    private func remove(_ pusher: PusherRecord) async throws {
        try await writes.submit { [self] context in
            // It may have been set anew while the answer was on its way.
            guard let present = try context.store.pusher(pusher.number), present.settings == pusher.settings,
                present.pushkeyTimestamp == pusher.pushkeyTimestamp
            else { return }
            try context.store.deletePusher(pusher.number)
            context.onCommit { self.unregister([pusher.number]) }
        }
    }
}
