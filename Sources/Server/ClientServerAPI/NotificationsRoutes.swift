import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixClientAPI
import Push
import Rooms
import ServerEnvironment

struct NotificationsRoutes: Routes {
    let push: PushService
    let environment: ServerEnvironment

    func register(on table: inout RouteTable) {
        table.on(.getNotifications, use: getNotifications)
    }

    private func getNotifications(_ call: Call) async throws -> Reply {
        let limit = try call.integer("limit") ?? 20
        guard limit > 0 else { throw MatrixError.invalidParameter("'limit' must be positive") }
        let onlyHighlights: Bool
        switch call.query["only"] {
        case nil, "": onlyHighlights = false
        case "highlight": onlyHighlights = true
        default: throw MatrixError.invalidParameter("'only' must be highlight")
        }
        let page = try await push.notifications(
            of: call.userID, before: Self.position(call.query["from"]), limit: Int(min(limit, 100)),
            onlyHighlights: onlyHighlights)
        let format = ClientEventFormat(
            includesRoomID: false, device: call.session.device, now: environment.timestamp)
        var writer = JSONWriter(reservingCapacity: 1024)
        writer.object { writer in
            if let next = page.next { writer.member("next_token", .string("n\(next)")) }
            writer.array("notifications") { writer in
                for notification in page.notifications { Self.write(notification, format, to: &writer) }
            }
        }
        return .bytes(writer.bytes)
    }

    private static func write(_ notification: PushedEvent, _ format: ClientEventFormat, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("actions", .array(notification.actions))
            writer.key("event")
            writer.raw { format.write(notification.event, to: &$0) }
            writer.member("read", .bool(notification.isRead))
            writer.member("room_id", .string(notification.roomID.string))
            writer.member("ts", .integer(notification.event.pdu.originServerTimestamp))
        }
    }

    /// A token is `n` and the position of the last event of the page before.
    private static func position(_ token: String?) throws(MatrixError) -> StreamPosition? {
        guard let token, !token.isEmpty else { return nil }
        guard token.utf8.first == UInt8(ascii: "n"), let position = Int64(token.dropFirst()), position >= 0 else {
            throw .invalidParameter("'from' is no token of this endpoint")
        }
        return StreamPosition(position)
    }
}
