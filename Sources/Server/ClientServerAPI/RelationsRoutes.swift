import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms
import Sync

struct RelationsRoutes: Routes {
    let rooms: RoomService
    let presenter: EventPresenter

    func register(on table: inout RouteTable) {
        table.on(.getRelatingEvents) { try await relations($0, type: nil, eventType: nil) }
        table.on(.getRelatingEventsWithRelType) { call in
            try await relations(call, type: call.parameters["relType"], eventType: nil)
        }
        table.on(.getRelatingEventsWithRelTypeAndEventType) { call in
            try await relations(call, type: call.parameters["relType"], eventType: call.parameters["eventType"])
        }
    }

    private func relations(_ call: Call, type: String?, eventType: String?) async throws -> Reply {
        var request = RoomService.RelationsRequest(
            eventID: try call.identifier("eventId", EventID.self), limit: try call.pageSize(default: 20, maximum: 500))
        request.type = type
        request.eventType = eventType
        request.isRecursive = try call.bool("recurse") ?? false
        request.direction = try call.direction() ?? .backward
        request.from = try call.token("from")
        request.to = try call.token("to")
        let page = try await rooms.relations(request, in: call.roomID(), viewer: presenter.viewer(call))
        let format = try await presenter.format(of: page.events, for: call)
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.object { writer in
            writer.key("chunk")
            writer.raw { $0 += format.array(page.events) }
            if let end = page.end { writer.member("next_batch", .string(SyncToken(position: end).description)) }
            if let from = call.query["from"] { writer.member("prev_batch", .string(from)) }
            if call.query["recurse"] != nil { writer.member("recursion_depth", .integer(Int64(request.depth))) }
        }
        return .bytes(writer.bytes)
    }
}
