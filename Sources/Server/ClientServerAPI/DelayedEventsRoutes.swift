import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// Delayed events on both wires: that of the older drafts, with the delay in the query of a sending request, and that
/// of the newer ones, with a request of its own.
struct DelayedEventsRoutes: Routes {
    let delayedEvents: DelayedEventService

    func register(on table: inout RouteTable) {
        table.on(.scheduleDelayedEvent, use: scheduleDelayedEvent)
        table.on(.getDelayedEvents, use: getDelayedEvents)
        table.on(.updateDelayedEvent) { call in try await perform(call.body().string("action"), call) }
        table.on(.performOnDelayedEvent) { call in try await perform(call.parameters["action"], call) }
    }

    private func scheduleDelayedEvent(_ call: Call) async throws -> Reply {
        let body = try call.body()
        let request = DelayedEventService.Request(
            type: call.parameters["eventType"], stateKey: try body.optionalString("state_key"),
            content: try body.object("content"), roomID: try call.roomID(),
            delayMilliseconds: try body.integer("delay_ms"), transactionID: try call.transactionID())
        return .json(["delay_id": .string(try await delayedEvents.schedule(request, sender: call.sender))])
    }

    private func perform(_ name: String, _ call: Call) async throws -> Reply {
        guard let action = DelayedEventService.Action(rawValue: name) else {
            throw MatrixError.invalidParameter("'action' is send, cancel or restart")
        }
        try await delayedEvents.perform(action, on: call.parameters["delayId"], userID: call.optionalUserID)
        return .empty
    }

    private func getDelayedEvents(_ call: Call) async throws -> Reply {
        var events = try await delayedEvents.events(of: call.userID)
        if let delayID = call.query["delay_id"] { events = events.filter { $0.delayID == delayID } }
        let waiting = try events.filter { $0.outcome == nil }.map { JSONValue.object(try $0.json) }
        let finalized = try events.filter { $0.outcome != nil }.map { JSONValue.object(try $0.finalizedJSON) }
        switch call.query["status"] {
        case "scheduled": return .json(["scheduled": .array(waiting)])
        case "finalised": return .json(["finalised": .array(finalized)])
        // The first is what the oldest draft called those that wait.
        case nil:
            return .json([
                "delayed_events": .array(waiting), "scheduled": .array(waiting), "finalised": .array(finalized),
            ])
        case .some: throw MatrixError.invalidParameter("'status' is scheduled or finalised")
        }
    }
}

extension DelayedEventRecord {
    fileprivate var json: JSONObject {
        get throws {
            var json: JSONObject = [
                "delay_id": .string(delayID), "room_id": .string(roomID.string), "type": .string(type),
                "delay": .integer(delayMilliseconds), "delay_ms": .integer(delayMilliseconds),
                "running_since": .integer(runningSince), "content": try JSONParser.parse(content),
            ]
            json["state_key"] = stateKey.map { .string($0) }
            json["transaction_id"] = transaction.map { .string($0.id) }
            return json
        }
    }

    fileprivate var finalizedJSON: JSONObject {
        get throws {
            var json: JSONObject = ["delayed_event": .object(try self.json)]
            json["outcome"] = outcome.map { .string($0.rawValue) }
            json["reason"] = .string(error == nil ? "action" : "error")
            json["origin_server_ts"] = finalizedAt.map { .integer($0) }
            json["event_id"] = eventID.map { .string($0.string) }
            json["error"] = try error.map { try JSONParser.parse($0) }
            return json
        }
    }
}

extension Call {
    /// The event of a sending request of the older wire, when it asks for a delay.
    func delayedEvent(stateKey: String?) throws(MatrixError) -> DelayedEventService.Request? {
        guard let delay = try integer("org.matrix.msc4140.delay") else { return nil }
        return DelayedEventService.Request(
            type: parameters["eventType"], stateKey: stateKey, content: try body(), roomID: try roomID(),
            delayMilliseconds: delay, transactionID: stateKey == nil ? try transactionID() : nil)
    }
}
