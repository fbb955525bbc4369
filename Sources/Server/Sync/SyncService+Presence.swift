import CanonicalJSON
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// The `presence` of a sync answer.
///
/// https://spec.matrix.org/v1.19/client-server-api/#presence
extension SyncService {
    /// Of those whose presence has changed, or in the first sync of those who are there, the ones that the user is in
    /// a room with; his own he knows.
    func presenceEvents(for request: SyncRequest) async throws -> [JSONObject] {
        let tracker = rooms.presence
        let filter = request.filter.presence
        guard tracker.isEnabled, filter.passes(type: EventType.presence) else { return [] }
        let since = request.wantsFullState ? nil : request.since
        let changed = tracker.users(changedAfter: since?.presenceSerial).filter { filter.passes(sender: $0) }
        return try await rooms.users(changed, sharingRoomWith: request.userID).compactMap { userID in
            tracker.content(of: userID).map { content in
                [
                    "type": .string(EventType.presence), "sender": .string(userID.string),
                    "content": .object(content),
                ]
            }
        }
    }
}

extension EventFilter {
    func passes(sender: UserID) -> Bool {
        let sender = ByteExactString(sender.string)
        return senders?.contains(sender) != false && !notSenders.contains(sender)
    }
}
