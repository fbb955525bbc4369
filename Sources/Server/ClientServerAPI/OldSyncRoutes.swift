import Accounts
import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms
import Sync

/// The deprecated ways to read, on what `/sync` and `/messages` stand on too.
struct OldSyncRoutes: Routes {
    let rooms: RoomService
    let sync: SyncService
    let presenter: EventPresenter

    func register(on table: inout RouteTable) {
        table.on(.getEvents, or: .peekEvents, use: getEvents)
        table.on(.initialSync, use: initialSync)
        table.on(.getOneEvent, use: getOneEvent)
    }

    private func getEvents(_ call: Call) async throws -> Reply {
        let token = try call.query["from"].map { try SyncToken(parsing: $0, name: "from") }
        let timeout = try call.integer("timeout") ?? 0
        let page = try await sync.events(
            after: token, for: presenter.viewer(call), in: call.optionalRoomID(), timeoutMilliseconds: timeout)
        let format = try await presenter.format(of: page.events, for: call)
        var writer = JSONWriter(reservingCapacity: 1024)
        writer.object { writer in
            writer.key("chunk")
            writer.raw { $0 += format.array(page.events) }
            writer.member("end", .string(page.end.description))
            writer.member("start", .string(page.start.description))
        }
        return .bytes(writer.bytes)
    }

    private func getOneEvent(_ call: Call) async throws -> Reply {
        let event = try await rooms.event(call.identifier("eventId", EventID.self), userID: call.userID)
        return .bytes(try await presenter.format(of: [event], for: call).bytes(event))
    }

    private func initialSync(_ call: Call) async throws -> Reply {
        let limit = try call.pageSize(default: 10, maximum: 100)
        let includesLeft = try call.bool("archived") ?? false
        let viewer = try await presenter.viewer(call)
        let end = rooms.position
        var parts: [[UInt8]] = []
        for record in try await rooms.memberships(of: call.userID) {
            switch record.membership {
            case .invite:
                guard let part = try await invitation(to: record.roomID, call) else { continue }
                parts.append(part)
            case .leave, .ban:
                // Whoever has declined an invitation was never in the room.
                guard includesLeft, try await rooms.isReadable(record.roomID, by: call.userID) else { continue }
                parts.append(try await room(record.roomID, viewer, limit: limit, call))
            case .join: parts.append(try await room(record.roomID, viewer, limit: limit, call))
            case .knock: continue
            }
        }
        let accountData = try await presenter.accounts.globalAccountData(of: call.userID)
        var writer = JSONWriter(reservingCapacity: 16_384)
        writer.object { writer in
            writer.array("account_data") { writer in
                for record in accountData { writer.raw { $0 += SyncService.event(record) } }
            }
            writer.member("end", .string(SyncToken(position: end).description))
            writer.member("presence", [])
            writer.array("rooms") { writer in for part in parts { writer.raw { $0 += part } } }
        }
        return .bytes(writer.bytes)
    }

    private func room(_ roomID: RoomID, _ viewer: Viewer, limit: Int, _ call: Call) async throws -> [UInt8] {
        let snapshot = try await rooms.snapshot(of: roomID, viewer: viewer, messageLimit: limit)
        var writer = JSONWriter(reservingCapacity: 4096)
        snapshot.write(try await presenter.format(of: snapshot.messages, for: call), to: &writer)
        return writer.bytes
    }

    private func invitation(to roomID: RoomID, _ call: Call) async throws -> [UInt8]? {
        guard let event = try await rooms.invitation(of: call.userID, to: roomID) else { return nil }
        var writer = JSONWriter(reservingCapacity: 1024)
        writer.object { writer in
            writer.key("invite")
            writer.raw { call.format(presenter.environment).write(event, to: &$0) }
            writer.member("membership", .string(Membership.invite.rawValue))
            writer.member("room_id", .string(roomID.string))
        }
        return writer.bytes
    }
}

extension Call {
    /// The room that the query names, if any.
    fileprivate func optionalRoomID() throws(MatrixError) -> RoomID? {
        guard let text = query["room_id"] else { return nil }
        guard let roomID = RoomID(text) else { throw .invalidParameter("'room_id' is not a room ID") }
        return roomID
    }
}
