import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Sync

struct EventContextRoutes: Routes {
    let rooms: RoomService
    let presenter: EventPresenter

    func register(on table: inout RouteTable) {
        table.on(.getEventContext, use: getEventContext)
    }

    private func getEventContext(_ call: Call) async throws -> Reply {
        let filter = try call.eventFilter()
        let viewer = try await presenter.viewer(call)
        let context = try await rooms.context(
            of: call.identifier("eventId", EventID.self), in: call.roomID(), userID: call.userID,
            limit: call.limit(filter: filter, default: 10, maximum: 200)
        ) { event in
            filter.passes(event) && (event.stateKey != nil || !viewer.ignoredUsers.contains(event.sender))
        }
        let events = context.before.events + [context.event] + context.after.events
        let shown = Set(events.map { ByteExactString($0.sender.string) })
        let state = context.state.all.filter { event in
            guard filter.passes(event) else { return false }
            guard filter.lazyLoadMembers, event.type == EventType.roomMember else { return true }
            return event.stateKey.map { shown.contains(ByteExactString($0)) } ?? false
        }
        let format = try await presenter.format(of: events, for: call)
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
