import CanonicalJSON
import Homeserver
import HomeserverStore
import MatrixAPI
import MatrixIdentifiers

/// Rooms: looked at, and deleted.
struct RoomCommands: AdministrationCommands {
    let homeserver: Homeserver

    var commands: [String: Administration.Command] {
        ["rooms/list": list, "rooms/show": show, "rooms/delete": delete]
    }

    private static let maximumPage = 1_000

    private func list(_ arguments: JSONObject) async throws -> JSONObject {
        let limit = max(0, min(Int(try arguments.optionalInteger("limit") ?? 100), Self.maximumPage))
        let after = try arguments.optionalInteger("after").map { RoomNumber($0) }
        let page = try await homeserver.database.read { try $0.roomSummaries(after: after, limit: limit) }
        var answer: JSONObject = ["rooms": .array(page.map { .object(Self.json($0)) })]
        if page.count == limit, let last = page.last { answer["next"] = .integer(last.record.number.rawValue) }
        return answer
    }

    private func show(_ arguments: JSONObject) async throws -> JSONObject {
        let roomID = try Self.roomID(arguments)
        let (summary, aliases, deletion) = try await homeserver.database.read { store in
            guard let room = try store.room(roomID), let summary = try store.roomSummary(room.number) else {
                throw MatrixError.notFound("there is no room \(roomID)")
            }
            return (summary, try store.aliases(of: room.number), try store.roomDeletion(room.number))
        }
        var answer = Self.json(summary)
        answer["aliases"] = .array(aliases.map { .string($0.alias.string) })
        if let deletion { answer["deletion"] = .object(Self.json(deletion)) }
        return answer
    }

    /// Steps taken before the answer: a second or so, after which whoever asked is told how far it is.
    private static let stepsPerCall = 20

    /// Begins a deletion, or goes on with it: to be called until `stage` is `done`. Whoever stops calling leaves the
    /// rest to the server, which goes on by itself now and then.
    private func delete(_ arguments: JSONObject) async throws -> JSONObject {
        let roomID = try Self.roomID(arguments)
        var deletion = try await homeserver.rooms.beginDeletion(of: roomID)
        for _ in 0..<Self.stepsPerCall where deletion.stage != .done {
            deletion = try await homeserver.rooms.continueDeletion(of: deletion.room) ?? deletion
        }
        return Self.json(deletion)
    }

    private static func roomID(_ arguments: JSONObject) throws(MatrixError) -> RoomID {
        let text = try arguments.string("room")
        guard let roomID = RoomID(text) else { throw .invalidParameter("'\(text.prefix(80))' is no room ID") }
        return roomID
    }

    private static func json(_ deletion: RoomDeletionRecord) -> JSONObject {
        var json: JSONObject = [
            "stage": .string(deletion.stage.rawValue), "requested_at": .integer(deletion.requestedAt),
            "removed_users": .integer(Int64(deletion.removedUserCount)),
            "purged_rows": .integer(Int64(deletion.purgedRowCount)),
        ]
        json["finished_at"] = deletion.finishedAt.map { .integer($0) }
        return json
    }

    private static func json(_ summary: RoomSummaryRecord) -> JSONObject {
        var json: JSONObject = [
            "room_id": .string(summary.record.roomID.string), "version": .string(summary.record.version),
            "joined_members": .integer(Int64(summary.joinedCount)), "public": .bool(summary.record.isListed),
        ]
        let event = summary.namePDU.flatMap { try? JSONParser.parse($0) }?.objectValue
        json["name"] = event?["content"]?.objectValue?["name"]
        if let deletion = summary.deletion, deletion == .done { json["deleted"] = true }
        return json
    }
}
