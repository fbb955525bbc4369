import CanonicalJSON
import MatrixAPI
import MatrixClientAPI
import MatrixIdentifiers
import Rooms

struct ReceiptsRoutes: Routes {
    let rooms: RoomService

    func register(on table: inout RouteTable) {
        table.on(.postReceipt) { call in
            guard let type = RoomService.ReceiptType(rawValue: call.parameters["receiptType"]) else {
                throw MatrixError.invalidParameter("there is no such type of receipt")
            }
            let threadID = try threadID(in: call.bodyOrEmpty(), type: type)
            let mark = RoomService.ReadMark(
                type: type, eventID: try call.identifier("eventId", EventID.self), threadID: threadID)
            try await rooms.mark([mark], in: call.roomID(), userID: call.userID)
            return .empty
        }
    }

    /// `main`, the root of a thread, or nil for a receipt without threads.
    private func threadID(in body: JSONObject, type: RoomService.ReceiptType) throws(MatrixError) -> String? {
        guard let value = body["thread_id"] else { return nil }
        guard let threadID = value.stringValue, threadID == "main" || EventID(threadID) != nil else {
            throw .invalidParameter("'thread_id' must be main or an event ID")
        }
        guard type != .fullyRead else { throw .invalidParameter("m.fully_read has no threads") }
        return threadID
    }
}
