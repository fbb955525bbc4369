import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Sync

struct MessagePaginationRoutes: Routes {
    let rooms: RoomService
    let presenter: EventPresenter

    func register(on table: inout RouteTable) {
        table.on(.getRoomEvents, use: getRoomEvents)
    }

    private func getRoomEvents(_ call: Call) async throws -> Reply {
        guard let direction = try call.direction() else { throw MatrixError.missingParameter("'dir' is missing") }
        let filter = try call.eventFilter()
        let ignored = try await presenter.viewer(call).ignoredUsers
        let start = try call.token("from") ?? (direction == .backward ? rooms.position : .zero)
        let page = try await rooms.messages(
            in: call.roomID(), userID: call.userID, from: start, to: call.token("to"), direction: direction,
            limit: call.limit(filter: filter, default: 10, maximum: 500)
        ) { event in
            filter.passes(event) && (event.stateKey != nil || !ignored.contains(event.sender))
        }

        var members: [RoomEvent] = []
        if filter.lazyLoadMembers {
            let state = try await rooms.state(of: call.roomID(), userID: call.userID)
            members = Set(page.events.map(\.sender)).compactMap { state[EventType.roomMember, $0.string] }
                .sorted { $0.position < $1.position }
        }
        var writer = JSONWriter(reservingCapacity: 1024)
        let format = try await presenter.format(of: page.events, for: call)
        writer.object { writer in
            writer.key("chunk")
            writer.raw { $0 += format.array(page.events) }
            let given = call.query["from"].flatMap { $0.isEmpty ? nil : $0 }
            writer.member("start", .string(given ?? SyncToken(position: start).description))
            if let end = page.end { writer.member("end", .string(SyncToken(position: end).description)) }
            if !members.isEmpty {
                writer.key("state")
                writer.raw { $0 += format.array(members) }
            }
        }
        return .bytes(writer.bytes)
    }
}

extension Call {
    /// The `filter` of the query: JSON of an event filter.
    func eventFilter() throws(MatrixError) -> EventFilter {
        guard let text = query["filter"], !text.isEmpty else { return EventFilter() }
        return try EventFilter(json: Self.filterObject(text))
    }

    static func filterObject(_ text: String) throws(MatrixError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONParser.parse(text)
        } catch {
            throw .invalidParameter("'filter' is not JSON: \(error)")
        }
        guard case .object(let object) = value else { throw .invalidParameter("'filter' must be an object") }
        return object
    }

    /// How many events are wanted at most: the query's `limit`, the filter's, or `standard`.
    func limit(filter: EventFilter, default standard: Int, maximum: Int) throws(MatrixError) -> Int {
        guard let limit = try integer("limit") else { return min(filter.limit ?? standard, maximum) }
        guard limit >= 0 else { throw .invalidParameter("'limit' must not be negative") }
        return Int(min(limit, Int64(maximum)))
    }
}
