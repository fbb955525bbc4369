import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers

/// How far users have read.
extension RoomService {
    public enum ReceiptType: String, Sendable {
        /// Everybody in the room may see it.
        case read = "m.read"
        /// Only the user himself.
        case readPrivate = "m.read.private"
        /// Not a receipt but the marker kept in the user's account data.
        case fullyRead = "m.fully_read"
    }

    /// One place that a user has read up to.
    public struct ReadMark: Sendable {
        public let type: ReceiptType
        public let eventID: EventID
        /// The root of a thread or ``mainTimeline``; nil for an unthreaded receipt.
        public let threadID: String?

        /// The thread ID that stands for everything that is in no thread.
        public static let mainTimeline = "main"

        public init(type: ReceiptType, eventID: EventID, threadID: String? = nil) {
            self.type = type
            self.eventID = eventID
            self.threadID = threadID
        }
    }

    /// Sets receipts and markers together. They only move forward; one that would move back changes nothing.
    public func mark(_ marks: [ReadMark], in roomID: RoomID, userID: UserID) async throws {
        let timestamp = environment.timestamp
        try await writes.submit { [self] context in
            guard let room = try registry.room(roomID, in: context), room.headMembership(of: userID) == .join else {
                throw Self.notInRoom
            }
            for mark in marks {
                guard let event = try context.store.event(mark.eventID), event.room == room.number else {
                    throw MatrixError.notFound("the event \(mark.eventID) is not in this room")
                }
                try Self.checkThread(of: mark, event, in: room, context)
                switch mark.type {
                case .fullyRead: try setFullyRead(event, in: room, userID: userID, context)
                case .read, .readPrivate:
                    try setReceipt(mark, event, in: room, userID: userID, timestamp: timestamp, context)
                }
            }
        }
    }

    /// A threaded receipt names an event of its thread. A thread's root and what relates to it directly stand in the
    /// main timeline, and clients may show them as the beginning of the thread. What has been redacted is in the
    /// thread still, and to clients that see no relation any more in the main timeline.
    ///
    /// https://spec.matrix.org/v1.19/client-server-api/#threaded-read-receipts
    private static func checkThread(
        of mark: ReadMark, _ record: EventRecord, in room: Room, _ context: WriteContext
    ) throws {
        guard let threadID = mark.threadID else { return }
        let isInThread: Bool
        if threadID == ReadMark.mainTimeline {
            isInThread = record.thread == nil || record.redactedBy != nil
        } else if [record.eventID, record.thread?.root].contains(where: { $0?.string == threadID }) {
            isInThread = true
        } else {
            let event = try RoomEvent.load(record, roomID: room.roomID, from: context.store)
            isInThread = EventRelation(content: event.content)?.parent.string == threadID
        }
        guard isInThread else { throw MatrixError.invalidParameter("the event is not in the thread '\(threadID)'") }
    }

    private func setReceipt(
        _ mark: ReadMark, _ event: EventRecord, in room: Room, userID: UserID, timestamp: Int64,
        _ context: WriteContext
    ) throws {
        let present = try context.store.receipt(
            of: userID, in: room.number, type: mark.type.rawValue, threadID: mark.threadID)
        if let present, present.eventPosition >= event.position { return }
        let receipt = ReceiptRecord(
            userID: userID, type: mark.type.rawValue, threadID: mark.threadID, eventID: event.eventID,
            eventPosition: event.position, timestamp: timestamp, position: context.nextPosition())
        try context.store.setReceipt(receipt, in: room.number)
        context.onCommit { room.publish(receipt) }
        context.publish(
            .receipt(
                room: room.number, position: receipt.position, audience: mark.type == .readPrivate ? userID : nil))
    }

    private func setFullyRead(
        _ event: EventRecord, in room: Room, userID: UserID, _ context: WriteContext
    ) throws {
        let present = try context.store.accountData(EventType.fullyRead, of: userID, room: room.number)
        if let present, case .object(let content) = try JSONParser.parse(present.content),
            let marked = content["event_id"]?.stringValue.flatMap(EventID.init),
            let position = try context.store.event(marked)?.position, position >= event.position
        {
            return
        }
        let content: JSONObject = ["event_id": .string(event.eventID.string)]
        let position = context.nextPosition()
        try context.store.setAccountData(
            EventType.fullyRead, of: userID, room: room.number, content: content.bytes(), at: position)
        context.publish(.accountData(userID: userID, room: room.number, position: position))
    }
}
