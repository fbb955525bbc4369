import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers

/// Checks that the index of relations says of events what they say themselves.
struct RelationVerifier {
    struct Mismatch {
        let eventID: EventID
        let reason: String
    }

    let database: any HomeserverDatabase
    let room: RoomRecord

    /// - Parameter block: a stretch of the room's history, the earliest first.
    func verify(_ block: [EventRecord]) async throws -> [Mismatch] {
        guard let first = block.first, let last = block.last else { return [] }
        return try await database.read { store in
            let records = try store.relationRecords(
                in: room.number, after: StreamPosition(first.position.rawValue - 1), upTo: last.position)
            let indexed = Dictionary(records.map { ($0.child, $0) }) { first, _ in first }
            return try block.compactMap { event in
                try reason(event, indexed[event.position], store).map { Mismatch(eventID: event.eventID, reason: $0) }
            }
        }
    }

    /// Nil when nothing is wrong.
    private func reason(_ event: EventRecord, _ record: RelationRecord?, _ store: any StoreReader) throws -> String? {
        guard let json = try? JSONParser.parse(event.pdu).objectValue else { return nil }
        // What was redacted relates to nothing any more.
        let relation = event.redactedBy == nil ? EventRelation(content: json["content"]?.objectValue ?? [:]) : nil
        guard let relation else { return record == nil ? nil : "stands in the index of relations and has none" }
        let parent = try store.event(relation.parent).flatMap { $0.room == room.number ? $0 : nil }
        guard let record else {
            guard let parent, parent.position < event.position else { return nil }
            return "relates to \(relation.parent) and is missing in the index of relations"
        }
        // A parent may have been deleted by its age since.
        let isRight =
            (parent == nil || parent?.position == record.parent) && utf8Equal(record.type, relation.type)
            && json["type"]?.stringValue.map { utf8Equal(record.eventType, $0) } ?? false
            && json["sender"]?.stringValue == record.sender.string
            && record.originServerTimestamp == event.originServerTimestamp
            && record.key.map(ByteExactString.init) == relation.key.map(ByteExactString.init)
        return isRight ? nil : "stands otherwise in the index of relations"
    }
}
