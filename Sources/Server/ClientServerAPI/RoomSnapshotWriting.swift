import CanonicalJSON
import HomeserverStore
import Rooms
import Sync

extension RoomService.RoomSnapshot {
    /// Writes the room as `/initialSync` shows it.
    func write(_ format: ClientEventFormat, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.array("account_data") { writer in
                for record in accountData { writer.raw { $0 += SyncService.event(record) } }
            }
            if let membership { writer.member("membership", .string(membership.rawValue)) }
            writer.object("messages") { writer in
                writer.key("chunk")
                writer.raw { $0 += format.array(messages) }
                writer.member("end", .string(SyncToken(position: end).description))
                writer.member("start", .string(SyncToken(position: start).description))
            }
            writer.member("room_id", .string(roomID.string))
            writer.key("state")
            writer.raw { $0 += format.array(state) }
            writer.member("visibility", isListed ? "public" : "private")
        }
    }
}
