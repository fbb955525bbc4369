import CanonicalJSON
import HomeserverStore
import MatrixAPI
import MatrixEvents
import MatrixIdentifiers
import Rules

/// What an event's `m.relates_to` means when the event is stored.
extension EventPipeline {
    struct RelationTarget {
        let relation: EventRelation
        let parent: EventRecord
        let isValid: Bool
        /// Which thread the relation puts the event in.
        let thread: ThreadMembership?
    }

    /// The event of the same room that `event` relates to. A relation to anything else is ignored.
    ///
    /// Run in the writer's command, so of two equal reactions that come at once the second is refused.
    ///
    /// - Throws: when the specification has the event refused because of its relation.
    func relationTarget(
        of event: PersistentDataUnit, in room: Room, _ context: WriteContext
    ) throws -> RelationTarget? {
        guard let relation = EventRelation(content: event.content),
            let parent = try context.store.event(relation.parent), parent.room == room.number
        else { return nil }
        var isValid = true
        var thread = parent.thread.flatMap { thread in
            thread.hops < RelationRules.maximumThreadHops
                ? ThreadMembership(root: thread.root, hops: thread.hops + 1) : nil
        }
        switch relation.type {
        case RelationType.annotation:
            try refuseSecondAnnotation(relation, by: event, of: parent, context)
        case RelationType.replace:
            let original = try RoomEvent.load(parent, roomID: room.roomID, from: context.store)
            isValid = RelationRules.isValidReplacement(event, of: original.pdu)
        case RelationType.thread:
            let root = try RoomEvent.load(parent, roomID: room.roomID, from: context.store)
            guard RelationRules.isValidThreadRoot(root.pdu) else {
                throw MatrixError(400, .unknown, "a thread cannot begin at an event that relates to another one")
            }
            thread = ThreadMembership(root: parent.eventID, hops: 0)
        default: break
        }
        return RelationTarget(relation: relation, parent: parent, isValid: isValid, thread: thread)
    }

    /// https://spec.matrix.org/v1.19/client-server-api/#avoiding-duplicate-annotations
    private func refuseSecondAnnotation(
        _ relation: EventRelation, by event: PersistentDataUnit, of parent: EventRecord, _ context: WriteContext
    ) throws {
        guard let key = relation.key,
            try context.store.hasAnnotation(
                of: parent.position, sender: event.sender, eventType: event.type, key: key)
        else { return }
        throw MatrixError(400, .duplicateAnnotation, "you have annotated this event so already")
    }

    /// Stores the relation of an event that has been stored.
    func index(_ event: RoomEvent, _ target: RelationTarget, in room: Room, _ context: WriteContext) throws {
        let record = RelationRecord(
            child: event.position, parent: target.parent.position, room: room.number, type: target.relation.type,
            eventType: event.type, sender: event.sender, key: target.relation.key,
            originServerTimestamp: event.pdu.originServerTimestamp, isValid: target.isValid)
        try context.store.insertRelation(record)
        guard record.isValid, record.isAggregated else { return }
        let position = target.parent.position
        context.onCommit { room.publishAggregations(at: position) }
    }
}
