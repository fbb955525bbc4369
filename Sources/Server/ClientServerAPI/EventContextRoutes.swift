import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import ServerEnvironment
import Sync

struct EventContextRoutes: Routes {
    let rooms: RoomService
    let environment: ServerEnvironment

    func register(on table: inout RouteTable) {
        table.on(.getEventContext, use: getEventContext)
    }

    private func getEventContext(_ call: Call) async throws -> Reply {
        let filter = try call.eventFilter()
        let context = try await rooms.context(
            of: call.identifier("eventId", EventID.self), in: call.roomID(), userID: call.userID,
            limit: call.limit(filter: filter, default: 10, maximum: 200), isWanted: filter.passes)
        let shown = Set((context.before.events + [context.event] + context.after.events).map(\.sender.string))
        let state = context.state.all.filter { event in
            guard filter.lazyLoadMembers, event.type == EventType.roomMember else { return true }
            return event.stateKey.map(shown.contains) ?? false
        }
        let format = call.format(environment)
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.object { writer in
            writer.member("start", .string(SyncToken(position: context.start).description))
            writer.member("end", .string(SyncToken(position: context.end).description))
            writer.key("event")
            writer.raw { format.write(context.event, to: &$0) }
            for (name, events) in [
                ("events_before", context.before.events), ("events_after", context.after.events),
                ("state", state.sorted { $0.position < $1.position }),
            ] {
                writer.key(name)
                writer.raw { $0 += format.array(events) }
            }
        }
        return .bytes(writer.bytes)
    }
}
