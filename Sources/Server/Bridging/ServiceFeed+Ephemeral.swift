import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rooms

/// Who types, who has read, who is there.
///
/// https://spec.matrix.org/v1.19/application-service-api/#pushing-ephemeral-data
extension ServiceFeed {
    /// What does not go in any more is not told: the next news of the room or the user will be.
    func addEphemeral(to gathered: inout Gathered) async throws {
        let news = state.withLock { $0.news.take() }
        // Read after the news: what was noted is visible.
        let end = writes.publishedPosition
        for number in news.typingRooms {
            guard let room = try await interestingRoom(number, &gathered) else { continue }
            let users = rooms.typing.users(in: number, changedAfter: 0) ?? []
            let content: JSONObject = ["user_ids": .array(users.map { .string($0.string) })]
            _ = gathered.batch.add(ephemeral: Self.event(EventType.typing, content, in: room))
        }
        for (number, first) in news.receiptRooms {
            guard let room = try await interestingRoom(number, &gathered) else { continue }
            let receipts = room.read { $0.receipts.changes(after: StreamPosition(first.rawValue - 1), upTo: end) }
            for content in contents(of: receipts) {
                _ = gathered.batch.add(ephemeral: Self.event(EventType.receipt, content, in: room))
            }
        }
        for userID in news.presentUsers {
            guard let content = rooms.presence.content(of: userID), try await knows(userID, &gathered) else { continue }
            _ = gathered.batch.add(
                ephemeral: [
                    "type": .string(EventType.presence), "sender": .string(userID.string), "content": .object(content),
                ])
        }
    }

    private static func event(_ type: String, _ content: JSONObject, in room: Room) -> JSONObject {
        ["type": .string(type), "room_id": .string(room.roomID.string), "content": .object(content)]
    }

    private func interestingRoom(_ number: RoomNumber, _ gathered: inout Gathered) async throws -> Room? {
        do {
            let room = try await rooms.room(number)
            return try await isInterested(in: room, at: gathered.position, &gathered) ? room : nil
        } catch is MatrixError {
            return nil
        }
    }

    /// One content for each thread, since a user may have receipts of several threads at one event. Private receipts
    /// are those of the service's own users only.
    private func contents(of receipts: [ReceiptRecord]) -> [JSONObject] {
        let visible = receipts.filter { receipt in
            receipt.type != RoomService.ReceiptType.readPrivate.rawValue || service.speaks(for: receipt.userID)
        }
        let threads = Dictionary(grouping: visible) { $0.threadID ?? "" }
        return threads.sorted { utf8Precedes($0.key, $1.key) }.map { _, receipts in
            var content = JSONObject()
            for receipt in receipts {
                var mark: JSONObject = ["ts": .integer(receipt.timestamp)]
                mark["thread_id"] = receipt.threadID.map { .string($0) }
                var event = content[receipt.eventID.string]?.objectValue ?? [:]
                var users = event[receipt.type]?.objectValue ?? [:]
                users[receipt.userID.string] = .object(mark)
                event[receipt.type] = .object(users)
                content[receipt.eventID.string] = .object(event)
            }
            return content
        }
    }

    /// Whether the user's presence concerns the service: it speaks for him, or is in a room with him.
    private func knows(_ userID: UserID, _ gathered: inout Gathered) async throws -> Bool {
        if service.speaks(for: userID) { return true }
        let memberships = try await database.read { try $0.memberships(of: userID) }
        for membership in memberships where membership.membership == .join {
            if try await interestingRoom(membership.room, &gathered) != nil { return true }
        }
        return false
    }
}
