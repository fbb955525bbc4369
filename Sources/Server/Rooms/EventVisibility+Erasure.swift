import HomeserverStore
import MatrixEvents
import MatrixIdentifiers
import Rules

/// What is left of the events of users who wished to be erased, for those who had not joined before.
///
/// State stays as it is: a room's name is the room's, whoever has given it.
///
/// https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate
extension EventVisibility {
    /// The event as its reader may see it.
    public func shown(_ event: RoomEvent, in room: Room, erasedUsers: ErasedUsers) -> RoomEvent {
        guard event.stateKey == nil, event.redactedBecause == nil,
            let erasure = erasedUsers.position(of: event.sender), !hasJoined(before: erasure)
        else { return event }
        return event.erased(rules: room.rules)
    }
}

extension RoomEvent {
    fileprivate func erased(rules: RoomVersionRules) -> RoomEvent {
        let pdu = PersistentDataUnit(
            eventID: eventID, roomID: pdu.roomID, type: type, stateKey: stateKey, sender: sender,
            content: Redaction.redactedContent(content, type: type, rules: rules),
            originServerTimestamp: pdu.originServerTimestamp, depth: pdu.depth, authEvents: [], prevEvents: [])
        return RoomEvent(position: position, pdu: pdu, replaced: nil)
    }
}
