import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// `m.receipt`: who has read up to which event.
///
/// https://spec.matrix.org/v1.19/client-server-api/#mreceipt
enum ReceiptEvent {
    /// One event for each thread: a user may have receipts of several threads at one event, and one content has no
    /// room for them.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#receipts
    static func events(_ receipts: [ReceiptRecord], for userID: UserID, ignoring ignored: Set<UserID>) -> [[UInt8]] {
        Dictionary(grouping: receipts) { $0.threadID ?? "" }.sorted { utf8Precedes($0.key, $1.key) }
            .compactMap { bytes($0.value, for: userID, ignoring: ignored) }
    }

    /// Where a user has several receipts at one event and there is room for one only, the unthreaded one is written: it
    /// says what the others say. Nil when none of the receipts is for the user's eyes.
    static func bytes(_ receipts: [ReceiptRecord], for userID: UserID, ignoring ignored: Set<UserID>) -> [UInt8]? {
        var content = JSONObject()
        for receipt in receipts {
            let isPrivate = receipt.type == RoomService.ReceiptType.readPrivate.rawValue
            guard !isPrivate || receipt.userID == userID, !ignored.contains(receipt.userID) else { continue }
            var mark: JSONObject = ["ts": .integer(receipt.timestamp)]
            if let threadID = receipt.threadID { mark["thread_id"] = .string(threadID) }
            var event = content[receipt.eventID.string]?.objectValue ?? [:]
            var users = event[receipt.type]?.objectValue ?? [:]
            if receipt.threadID != nil, users[receipt.userID.string] != nil { continue }
            users[receipt.userID.string] = .object(mark)
            event[receipt.type] = .object(users)
            content[receipt.eventID.string] = .object(event)
        }
        guard !content.isEmpty else { return nil }
        let event: JSONObject = ["content": .object(content), "type": .string(EventType.receipt)]
        return event.bytes()
    }
}
