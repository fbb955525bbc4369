import CanonicalJSON
import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

extension RoomEvent {
    /// Makes events of what is stored, with the replaced states and the redactions that they refer to.
    static func load(_ records: [EventRecord], roomID: RoomID, from store: any EventReader) throws -> [RoomEvent] {
        try records.map { try load($0, roomID: roomID, from: store) }
    }

    static func load(_ record: EventRecord, roomID: RoomID, from store: any EventReader) throws -> RoomEvent {
        let replaced = try record.replaces.flatMap { position -> ReplacedState? in
            guard let record = try store.event(at: position) else { return nil }
            let pdu = try parse(record, roomID: roomID)
            return ReplacedState(eventID: pdu.eventID, sender: pdu.sender, content: pdu.content)
        }
        let redaction = try record.redactedBy.flatMap { position -> RoomEvent? in
            guard let record = try store.event(at: position) else { return nil }
            return RoomEvent(position: position, pdu: try parse(record, roomID: roomID), replaced: nil)
        }
        return RoomEvent(
            position: record.position, pdu: try parse(record, roomID: roomID),
            replaced: redaction == nil ? replaced : nil, transaction: record.transaction,
            redactedBecause: redaction, threadRoot: record.thread?.root, hasAggregations: record.hasAggregations)
    }

    private static func parse(_ record: EventRecord, roomID: RoomID) throws -> PersistentDataUnit {
        guard case .object(let json) = try JSONParser.parse(record.pdu) else {
            throw CorruptEvent(position: record.position)
        }
        return try PersistentDataUnit(json: json, eventID: record.eventID, roomID: roomID)
    }

    /// What is stored as an event is none.
    struct CorruptEvent: Error {
        let position: StreamPosition
    }
}
